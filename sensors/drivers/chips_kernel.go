package drivers

import (
	"fmt"
	"strings"
)

// A kernelChip is read by a kernel driver, and so through iio or hwmon. A "*" is the
// name of the chip that was asked for.
type kernelChip struct {
	names   string // as in served
	driver  string // "iio" or "hwmon"
	overlay string // of Raspberry Pi OS, that loads the kernel driver; "": none
	module  string // the kernel driver, where device does not load it by itself
	device  string // for the kernel's new_device; "": the chip needs an overlay, such as for its reference
	address uint16 // of device and of the overlay
	options string // of the sensor
}

// kernelChips are the chips that people know by name. The devices are from the kernel
// drivers' i2c_device_id tables, the overlays from the README of Raspberry Pi OS's
// overlays.
var kernelChips = []kernelChip{
	{"dht11 dht22 dht21 am2301 am2302 am2303 rht03", "iio", "dht11,gpiopin=4", "", "", 0, `device = "dht11"`},
	{"bme680 bme688", "iio", "i2c-sensor,bme680", "", "bme680", 0x76, `device = "bme680"`},
	{"bmp380 bmp384 bmp388 bmp390 bmp3xx", "iio", "i2c-sensor,bmp380", "", "bmp380", 0x76, `device = "bmp380"`},
	{"bmp580 bmp581 bmp585", "iio", "", "", "bmp580", 0x47, `device = "bmp580"`},
	{"hdc1000 hdc1008 hdc1010 hdc1050 hdc1080 hdc100x", "iio", "i2c-sensor,hdc100x", "", "*", 0x40, `path = "1-0040"`},
	{"hts221", "iio", "i2c-sensor,hts221", "", "hts221", 0x5f, `device = "hts221"`},
	{"ms5611 ms5607", "iio", "", "", "*", 0x77, `device = "*"`},
	{"ms5637 ms5803 ms5805 ms5837 ms8607", "iio", "i2c-sensor,*", "", "*", 0x76, `device = "*"`},
	{"mpl3115 mpl3115a2", "iio", "", "", "mpl3115", 0x60, `device = "mpl3115"`},
	{"lps22hb lps22hh lps25h lps25hb lps28dfw lps33hw lps35hw", "iio", "", "", "*", 0x5c, `device = "*"`},
	{"dps310 dps368 dps422", "iio", "", "", "dps310", 0x77, `device = "dps310"`},
	{"am2315", "iio", "", "", "am2315", 0x5c, `device = "am2315"`},
	{"tsys01 tsys02d", "iio", "", "", "*", 0x77, `device = "*"`},
	{"tmp116 tmp119", "iio", "", "", "*", 0x48, `device = "*"`},
	{"mlx90614 mlx90615 gy906", "iio", "", "", "mlx90614", 0x5a, `device = "mlx90614", channel = "temp_object"`},
	{"mlx90632", "iio", "", "", "mlx90632", 0x3a, `device = "mlx90632", channel = "temp_object"`},
	{"mcp9600 mcp9601", "iio", "", "", "mcp9600", 0x60, `device = "mcp9600"`},
	{"max6675", "iio", "maxtherm,spi0-0,max6675", "", "", 0, `device = "maxim_thermocouple"`},
	{"max31856", "iio", "maxtherm,spi0-0,max31856", "", "", 0, `device = "max31856"`},

	{"scd30", "iio", "", "scd30_i2c", "scd30", 0x61, `device = "scd30"`},
	{"ccs811", "iio", "i2c-sensor,ccs811", "", "ccs811", 0x5b, `device = "ccs811"`},
	{"ens160", "iio", "", "", "ens160", 0x53, `device = "ens160"`},
	{"sgp30", "iio", "i2c-sensor,sgp30", "", "sgp30", 0x58, `device = "sgp30"`},
	{"sgp40", "iio", "", "", "sgp40", 0x59, `device = "sgp40"`},
	{"ags02ma", "iio", "", "", "ags02ma", 0x1a, `device = "ags02ma"`},
	{"iaqcore amsiaqcore", "iio", "", "", "ams-iaq-core", 0x5a, `path = "1-005a"`},
	{"vz89x vz89te", "iio", "", "", "*", 0x70, `path = "1-0070"`},
	{"sps30", "iio", "i2c-sensor,sps30", "", "sps30", 0x69, `device = "sps30"`},
	{"mhz19 mhz19b mhz19c", "iio", "", "mhz19b", "", 0, `device = "mh-z19b"`},
	{"pms7003 pms5003 pms3003 pms1003 pms6003 pmsa003", "iio", "", "pms7003", "", 0, `device = "pms7003"`},
	{"atlasphsm", "iio", "", "", "atlas-ph-sm", 0x65, `device = "atlas"`},
	{"atlasecsm", "iio", "", "", "atlas-ec-sm", 0x64, `device = "atlas"`},
	{"atlasorpsm", "iio", "", "", "atlas-orp-sm", 0x66, `device = "atlas"`},

	{"bh1750 bh1710 bh1715 bh1721 bh1751 gy30 gy302", "iio", "i2c-sensor,bh1750", "", "bh1750", 0x23, `device = "bh1750"`},
	{"bh1780", "iio", "", "", "bh1780", 0x29, `device = "bh1780"`},
	{"tsl2560 tsl2561 tsl2562 tsl2563", "iio", "", "", "*", 0x39, `device = "*"`},
	{"tsl2580 tsl2581 tsl2583", "iio", "", "", "*", 0x39, `device = "*"`},
	{"tsl2591", "iio", "", "tsl2591", "tsl2591", 0x29, `device = "tsl2591"`},
	{"tsl4531", "iio", "i2c-sensor,tsl4531", "", "tsl4531", 0x29, `device = "tsl4531"`},
	{"veml6030 veml7700", "iio", "", "", "*", 0x10, `device = "*"`},
	{"veml6035", "iio", "", "", "veml6035", 0x29, `device = "veml6035"`},
	{"ltr390", "iio", "", "", "ltr390", 0x53, `device = "ltr390"`},
	{"ltr308 ltrf216a", "iio", "", "", "*", 0x53, `device = "*"`},
	{"ltr501 ltr559 ltr301 ltr303", "iio", "", "", "*", 0x23, `device = "*"`},
	{"opt3001", "iio", "", "", "opt3001", 0x44, `device = "opt3001"`},
	{"opt4001", "iio", "", "", "opt4001-sot-5x3", 0x45, `device = "opt4001-sot-5x3"`},
	{"max44000 max44009", "iio", "", "", "*", 0x4a, `device = "*"`},
	{"isl29018 isl29023 isl29028 isl29030 isl29035", "iio", "", "", "*", 0x44, `device = "*"`},
	{"vcnl4000 vcnl4010 vcnl4020", "iio", "", "", "*", 0x13, `device = "vcnl4000"`},
	{"vcnl4040", "iio", "", "", "vcnl4040", 0x60, `device = "vcnl4000"`},
	{"vcnl4200", "iio", "", "", "vcnl4200", 0x51, `device = "vcnl4000"`},
	{"cm3232", "iio", "", "", "cm3232", 0x10, `device = "cm3232"`},

	{"vl53l0x", "iio", "", "", "vl53l0x", 0x29, `device = "vl53l0x"`},
	{"vl6180 vl6180x", "iio", "", "", "vl6180", 0x29, `device = "vl6180"`},
	{"srf02 srf08 srf10", "iio", "", "", "*", 0x70, `device = "*"`},
	{"lidarlite lidarlitev3", "iio", "", "", "lidar-lite-v3", 0x62, `device = "lidar"`},
	{"hcsr04 srf04", "iio", "", "srf04", "", 0, `device = "srf04"`},

	{"ads1015 ads1115", "iio", "*,cha_enable,cha_gain=1", "", "*", 0x48, `device = "ads1015", channel = "voltage0"`},
	{"ads1100 ads1000", "iio", "", "ads1100", "", 0, `device = "*"`},
	{"mcp3008", "iio", "mcp3008,spi0-0-present", "", "", 0, `device = "mcp3008", channel = "voltage0"`},
	{"mcp3202", "iio", "mcp3202,spi0-0-present", "", "", 0, `device = "mcp3202", channel = "voltage0"`},
	{"mcp3001 mcp3002 mcp3004 mcp3201 mcp3204 mcp3208", "iio", "", "mcp320x", "", 0, `device = "*", channel = "voltage0"`},
	{"mcp3421 mcp3422 mcp3423 mcp3424 mcp3425 mcp3426 mcp3427 mcp3428", "iio", "", "", "*", 0x68, `path = "1-0068", channel = "voltage0"`},
	{"nau7802", "iio", "", "nau7802", "", 0, `device = "nau7802", channel = "voltage0"`},
	{"hx711", "iio", "", "hx711", "", 0, `device = "hx711", channel = "voltage0"`},

	{"ina219 ina220 ina226 ina230 ina231 ina237 ina238 ina260", "hwmon", "", "", "*", 0x40, `chip = "*"`},
	{"ina3221", "hwmon", "", "", "ina3221", 0x40, `chip = "ina3221", input = "in1"`},
	{"ltc2945", "hwmon", "", "", "ltc2945", 0x67, `chip = "ltc2945", input = "in1"`},
	{"emc2301 emc2302 emc2303 emc2305", "hwmon", "", "", "*", 0x2f, `chip = "emc2305", input = "fan1"`},
	{"shtc1 shtc3 shtw1", "hwmon", "i2c-sensor,shtc3", "", "*", 0x70, `chip = "shtc3"`},
	{"aht10 aht15", "hwmon", "i2c-sensor,aht10", "", "aht10", 0x38, `chip = "aht10"`},
	{"mcp9804 mcp9805 mcp98242 mcp98243 mcp98244 stts424 jc42", "hwmon", "i2c-sensor,jc42", "", "jc42", 0x18, `chip = "jc42"`},
	{"adt7410 adt7420 adt7422", "hwmon", "i2c-sensor,adt7410", "", "adt7410", 0x48, `chip = "adt7410"`},
	{"tmp1075 tmp100 tmp101 ds75 ds1775 stlm75 max31725 as6200 adt75", "hwmon", "", "", "*", 0x48, `chip = "*"`},
	{"tmp108", "hwmon", "", "", "tmp108", 0x48, `chip = "tmp108"`},
	{"mcp9800 mcp9801 mcp9802 mcp9803 mcp980x", "hwmon", "i2c-sensor,mcp980x", "", "mcp980x", 0x48, `chip = "mcp980x"`},
	{"ds1621 ds1631", "hwmon", "i2c-sensor,ds1621", "", "*", 0x48, `chip = "*"`},
	{"lm73", "hwmon", "", "", "lm73", 0x48, `chip = "lm73"`},
	{"lm90", "hwmon", "", "", "lm90", 0x4c, `chip = "lm90"`},
	{"hih6130", "hwmon", "", "", "hih6130", 0x27, `chip = "hih6130"`},
}

// kernelChipNamed returns the chip of a plain name.
func kernelChipNamed(name string) (kernelChip, bool) {
	for _, c := range kernelChips {
		if isAmong(name, c.names) {
			c.overlay = strings.ReplaceAll(c.overlay, "*", name)
			c.device = strings.ReplaceAll(c.device, "*", name)
			c.options = strings.ReplaceAll(c.options, "*", name)
			return c, true
		}
	}
	return kernelChip{}, false
}

// how says how a chip of that name is read.
func (c kernelChip) how(name string) string {
	options := "options = { " + c.options + " }"
	switch {
	case c.overlay != "":
		return fmt.Sprintf("dtoverlay=%s and %s", c.overlay, options)
	case c.device == "":
		return fmt.Sprintf("the kernel's driver %s, with a device tree overlay of your own, and %s", c.module, options)
	}
	return fmt.Sprintf("%s and %s; scan says how to make it permanent", strings.Join(c.instantiate(i2cByDefault, c.address), " && "), options)
}

// i2cByDefault is the number of the bus on the header of a Raspberry Pi.
const i2cByDefault = "1"

// instantiate returns the commands that bind the chip to its kernel driver until the
// machine is restarted (Documentation/i2c/instantiating-devices.rst, method 4).
func (c kernelChip) instantiate(bus string, address uint16) (commands []string) {
	if c.module != "" {
		commands = append(commands, "sudo modprobe "+c.module)
	}
	return append(commands, fmt.Sprintf("echo %s %#02x | sudo tee /sys/bus/i2c/devices/i2c-%s/new_device", c.device, address, bus))
}
