package drivers

import (
	"errors"
	"fmt"
	"strings"

	"sensorpub/sensors/drivers/option"
)

// A served chip has no driver of the same name.
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
	{"adt7310 adt7320 sht10 sht11 sht15", "hwmon", "the kernel's driver of the chip, with a device tree overlay of your own, and options with its name"},

	{"nvme drivetemp coretemp k10temp", "hwmon", "options with the name as chip"},
	{"cpu cputemp soc rpi raspberrypi vcgencmd bcm2711thermal", "thermal", ""},
	{"command shell script python", "exec", ""},
	{"csv trace", "replay", ""},
	{"test fake dummy simulated simulation", "mock", ""},

	{"lm35 lm335 tmp35 tmp36 tmp37 ntc thermistor ky013 mq2 mq7 mq135", "", "it is analogue; a command can read its converter: driver = \"exec\""},
	{"veml6070 veml6075 veml6040 apds9960 as7341 tcs34725 tcs3472 rpr0521 bh1745", "", "it measures light as counts or an index, not as illuminance"},
	{"tsl2571 tsl2572 tsl2671 tsl2672 tsl2771 tsl2772 tmd2771 tmd2772 apds9930", "", staleLux},
	{"apds9300 vcnl4035 max34408 max34409", "", "the kernel's driver returns a wrong value"},
	{"pcf8591", "", assumedReference},
	{"ads1256 vl53l1x mpu6050 mpu9250 bno055 lis3dh adxl345 ds3231 rda5807", "", ""},
	{"sds011 sen50 sen54 sen55 sen5x sen66 sgp41 mics5524 zh03b", "", ""},
	{"sht33 hdc2010 hdc2080 hdc2022 ens210 ens220 htu31d bme690 bmp700 qmp6988 stts22h mlx90640 amg8833 t9602 hyt271 hyt939 chirp", "", ""},
}

// plainName normalises different spellings of a name.
func plainName(name string) string {
	return strings.NewReplacer("-", "", "_", "", " ", "", "+", "", "/", "").Replace(strings.ToLower(name))
}

// ServedBy returns the driver that reads a chip that has none of its own, "" if none
// does, and how, or why not. It reports false for a name that is not known.
func ServedBy(chip string) (driver, how string, known bool) {
	name := plainName(chip)
	for _, c := range chips {
		if isAmong(name, c.names) {
			return c.driver, c.how, true
		}
	}
	if c, known := kernelChipNamed(name); known {
		return c.driver, c.how(name), true
	}
	return "", "", false
}

// isAmong reports whether a name is one of those between blanks.
func isAmong(name, names string) bool {
	return name != "" && strings.Contains(" "+names+" ", " "+name+" ")
}

// noDriver returns the error for a driver that does not exist. It never suggests
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
