package drivers

import (
	"errors"
	"fmt"
	"strings"

	"sensorpub/sensors/drivers/option"
)

// A served chip has no driver of its own name.
type served struct {
	names  string // in lower case, without dashes and blanks, each between blanks
	driver string // that reads it; "": none
	how    string // the options and the overlay; "": the defaults, or why there is none
}

// chips are those that people know by their names.
var chips = []served{
	{"ds18s20 ds1820 ds1822 ds1825 ds28ea00 max31850 max31851 ds18b20par ds18b20z w1 1wire onewire w1therm w1gpio", "ds18b20", ""},
	{"ds2482100 ds2482800 ds2484", "ds2482", ""},
	{"sht30 sht31 sht31d sht35 sht85", "sht3x", ""},
	{"sht40 sht41 sht43 sht45", "sht4x", ""},
	{"sht20 sht21 sht25 sht2x htu20d htu20 htu21 htu2x si7006 si7013 si7020 gy21", "htu21d", ""},
	{"hdc3020 hdc3021 hdc3022", "hdc302x", ""},
	{"scd40 scd41 scd43", "scd4x", ""},
	{"aht21 aht25 dht20", "aht20", ""},
	{"am2321", "am2320", ""},
	{"bmp085", "bmp180", ""},
	{"tmp112", "tmp102", ""},
	{"lm75a lm75b pct2075", "lm75", `options = { chip = "lm75b" }`},
	{"tmp75 tmp105 tmp175 tmp275", "lm75", `options = { chip = "tmp75" }`},
	{"max31855k max31855j max31855n max31855t max31855s max31855r max31855e", "max31855", ""},
	{"pt100 pt1000", "max31865", ""},

	{"dht11 dht22 dht21 am2301 am2302 am2303 rht03", "iio", `dtoverlay=dht11,gpiopin=4 and options = { device = "dht11", quantities = ["temperature", "humidity"] }`},
	{"bme680 bme688", "iio", `dtoverlay=i2c-sensor,bme680 and options = { device = "bme680", quantities = ["temperature", "humidity", "pressure"] }`},
	{"bmp380 bmp384 bmp388 bmp390 bmp3xx", "iio", `dtoverlay=i2c-sensor,bmp380 and options = { device = "bmp380", quantities = ["temperature", "pressure"] }`},
	{"bmp580 bmp581 bmp585", "iio", `the driver bmp280 of recent kernels and options = { device = "bmp580", quantities = ["temperature", "pressure"] }`},
	{"hdc1000 hdc1008 hdc1010 hdc1050 hdc1080 hdc100x", "iio", `dtoverlay=i2c-sensor,hdc100x and options = { path = "1-0040", quantities = ["temperature", "humidity"] }`},
	{"hts221", "iio", `dtoverlay=i2c-sensor,hts221 and options = { device = "hts221", quantities = ["temperature", "humidity"] }`},
	{"ms5611 ms5607", "iio", `the kernel's driver ms5611 and options = { device = "ms5611", quantities = ["temperature", "pressure"] }`},
	{"ms5637 ms5803 ms5805 ms5837 ms8607", "iio", `dtoverlay=i2c-sensor,ms5637, or the chip's own name, and options = { device = "ms5637" }`},
	{"mpl3115 mpl3115a2", "iio", `the kernel's driver mpl3115 and options = { device = "mpl3115", quantities = ["temperature", "pressure"] }`},
	{"lps22hb lps22hh lps25h lps25hb lps28dfw lps33hw lps35hw", "iio", "the kernel's driver st_pressure_i2c and options with its name as device and quantities = [\"pressure\"]"},
	{"dps310 dps368 dps422", "iio", `the kernel's driver dps310 and options = { device = "dps310", quantities = ["temperature", "pressure"] }`},
	{"am2315", "iio", `the kernel's driver am2315 and options = { device = "am2315", quantities = ["temperature", "humidity"] }`},
	{"scd30", "iio", `the kernel's driver scd30_i2c and options = { device = "scd30", quantities = ["co2", "temperature", "humidity"] }`},
	{"ccs811 ens160 sgp30 iaqcore", "iio", `the kernel's driver and options with its name as device and quantities = ["co2"], which it estimates`},
	{"mhz19 mhz19b mhz19c", "iio", `the driver mhz19b of recent kernels and options = { device = "mh-z19b", quantities = ["co2"] }`},
	{"mlx90614 mlx90632 gy906", "iio", `the kernel's driver mlx90614 and options = { device = "mlx90614", channel = "temp_object" }`},
	{"max6675 max6674 max31856", "iio", `the kernel's driver maxim_thermocouple or max31856 and options = { device = "maxim_thermocouple" } or "max31856"`},
	{"mcp9600 mcp9601", "iio", `the driver mcp9600 of recent kernels and options = { device = "mcp9600", channel = "temp" }`},
	{"tmp116 tmp119", "iio", `the kernel's driver tmp117 and options = { device = "tmp116" }`},
	{"tsys01 tsys02d", "iio", `the kernel's driver tsys01 and options = { device = "tsys01" }`},

	{"shtc1 shtc3 shtw1", "hwmon", `dtoverlay=i2c-sensor,shtc3 and options = { chip = "shtc3", quantities = ["temperature", "humidity"] }`},
	{"aht10 aht15", "hwmon", `the kernel's driver aht10 and options = { chip = "aht10", quantities = ["temperature", "humidity"] }`},
	{"mcp9804 mcp9805 mcp98242 mcp98243 mcp98244 stts424 jc42", "hwmon", `the kernel's driver jc42 and options = { chip = "jc42" }`},
	{"adt7410 adt7420 adt7422 adt7310 adt7320", "hwmon", `the kernel's driver adt7410 and options = { chip = "adt7410" }`},
	{"tmp1075 tmp100 tmp101 tmp108 ds75 ds1775 stlm75 mcp9800 mcp9801 mcp9802 mcp9803 max31725 as6200 adt75", "hwmon", `the kernel's driver lm75 or tmp108 and options with the chip's name`},
	{"ds1621 ds1631 lm73 lm90 hih6130 sht15 sht10 sht11", "hwmon", "the kernel's driver of the chip and options with its name"},
	{"nvme drivetemp coretemp k10temp", "hwmon", "options with the name as chip"},
	{"cpu cputemp soc rpi raspberrypi vcgencmd bcm2711thermal", "thermal", ""},
	{"command shell script python", "exec", ""},
	{"csv trace", "replay", ""},
	{"test fake dummy simulated simulation", "mock", ""},

	{"lm35 lm335 tmp35 tmp36 tmp37 ntc thermistor ky013 mq2 mq7 mq135", "", "it is analogue; what reads its converter can be a command: driver = \"exec\""},
	{"bh1750 tsl2561 tsl2591 tsl4531 veml7700 veml6070 veml6075 ltr390 max44009 apds9960 as7341", "", ""},
	{"ina219 ina226 ina260 ina3221 ads1015 ads1115 ads1256 mcp3008 mcp3208 pcf8591 hx711", "", ""},
	{"pms5003 pms7003 sps30 sds011 sen55 sen54 sen5x sen66 sgp40 sgp41 mics5524 zh03b", "", ""},
	{"hcsr04 vl53l0x vl53l1x mpu6050 mpu9250 bno055 lis3dh adxl345 ds3231 rda5807", "", ""},
	{"sht33 hdc2010 hdc2080 hdc2022 ens210 ens220 htu31d bme690 bmp700 qmp6988 stts22h mlx90640 amg8833 t9602 hyt271 hyt939 chirp", "", ""},
}

// plainName is a name without what people write differently.
func plainName(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", "+", "", "/", "").Replace(strings.ToLower(name))
}

// ServedBy returns the driver that reads a chip that has none of its own, "" if none
// does, and how, or why not. It reports false for a name that is not known.
func ServedBy(chip string) (driver, how string, known bool) {
	name := plainName(chip)
	for _, c := range chips {
		if name != "" && strings.Contains(" "+c.names+" ", " "+name+" ") {
			return c.driver, c.how, true
		}
	}
	return "", "", false
}

// noDriver returns the error of a driver that there is not. It never suggests
// another chip: a name with other digits is not a misspelling.
func noDriver(name string, known []string) error {
	driver, how, isChip := ServedBy(name)
	switch {
	case isChip && driver == "" && how == "":
		return errors.New("no such driver, this chip is not supported")
	case isChip && driver == "":
		return fmt.Errorf("no such driver, this chip is not supported: %s", how)
	case isChip && how == "":
		return fmt.Errorf("no such driver, driver = %q reads this chip", driver)
	case isChip:
		return fmt.Errorf("no such driver, driver = %q reads this chip: %s", driver, how)
	}
	var alike []string
	for _, k := range known {
		if a, b := digits(name), digits(k); a == b || misses(a, b) || misses(b, a) {
			alike = append(alike, k)
		}
	}
	if n := option.Nearest(name, alike); n != "" {
		return fmt.Errorf("no such driver, did you mean %q?", n)
	}
	return fmt.Errorf("no such driver, want %s", option.OneOf(known))
}

// digits returns the digits of a name, by which chips differ.
func digits(name string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, name)
}

// misses reports whether b is a with one digit left out.
func misses(a, b string) bool {
	for i := range a {
		if a[:i]+a[i+1:] == b {
			return true
		}
	}
	return false
}
