package drivers

import (
	"fmt"
	"math"
	"strings"

	"sensorpub/sensors"
)

// The kernel documents the units of its iio channels (Documentation/ABI/testing/
// sysfs-bus-iio): thousandths of a degree and of a percent, kPa, and percent of a
// gas. Some of its drivers give others, and some do so in a few versions only.
// What a value means is then judged by what it can be; what stays ambiguous is
// rejected.

// A departure is a channel of a mainline driver that is not in the documented unit.
type departure struct {
	device   string // name, as in the device's file
	quantity string
	fix      func(c iioChannel, v float64) float64 // returns v in the documented unit
}

var departures = []departure{
	// Percent, in all versions up to now (drivers/iio/chemical/bme680_core.c: thousandths
	// divided by 1000, in_humidityrelative_input and the later _scale).
	{"bme680", sensors.Humidity.Name, fromPercent},
	// hPa before its fix in 2024, in Linux 6.10 and its stable branches
	// (bme680_read_press: Pa / 100, then / 1000).
	{"bme680", sensors.Pressure.Name, fromHectopascal},
	// Percent before its fix in 2019 (drivers/iio/pressure/bmp280-core.c,
	// bmp280_read_humid: 1024ths of a percent as a fraction).
	{"bme280", sensors.Humidity.Name, fromPercent},
	// Degrees and percent (drivers/iio/humidity/hts221_core.c,
	// hts221_get_sensor_scale: the factor 1000 of the slope is divided out again).
	{"hts221", sensors.Temperature.Name, fromWhole},
	{"hts221", sensors.Humidity.Name, fromWhole},
	// Degrees and percent before their fix in 2025 (drivers/iio/humidity/hdc3020.c,
	// hdc3020_read_raw: 175 and 100 over 65536, now 175000 and 100000).
	{"hdc3020", sensors.Temperature.Name, fromWhole},
	{"hdc3020", sensors.Humidity.Name, fromWhole},
	// Percent before its fix in Linux 5.5 (drivers/iio/humidity/hdc100x.c: scale 100 /
	// 65536, then 100000 / 65536).
	{"hdc100x", sensors.Humidity.Name, fromWhole},
	{"hdc1000", sensors.Humidity.Name, fromWhole},
	{"hdc1008", sensors.Humidity.Name, fromWhole},
	{"hdc1010", sensors.Humidity.Name, fromWhole},
	{"hdc1050", sensors.Humidity.Name, fromWhole},
	{"hdc1080", sensors.Humidity.Name, fromWhole},
	// Degrees (drivers/iio/pressure/mpl3115.c, mpl3115_read_raw: 0.0625).
	{"mpl3115", sensors.Temperature.Name, fromWhole},
	// A tenth of the value (drivers/iio/pressure/hp03.c: temp is in 0.1 °C, its scale is
	// 10 instead of 100).
	{"hp03", sensors.Temperature.Name, func(c iioChannel, v float64) float64 {
		if c.scale == 10 {
			v *= 10
		}
		return v
	}},
	// ppm (drivers/iio/chemical/mhz19b.c, mhz19b_read_raw).
	{"mhz19b", sensors.CO2.Name, func(_ iioChannel, v float64) float64 {
		if v > 4 { // more than 40,000 ppm, were it percent
			v /= 1e4
		}
		return v
	}},
}

// unsupported says why a mainline driver cannot be read at all.
var unsupported = map[string]string{
	// drivers/iio/temperature/max31865.c has the scale of the data sheet's
	// approximation, code/32 - 256, without its offset. That holds for a PT100 with
	// a reference of 400 Ω only, and the chip's faults are not looked at.
	"max31865": `the kernel gives a resistance as a temperature, without its offset: use driver = "max31865"`,
	// drivers/iio/pressure/sdp500.c: scale 1/60, which is Pa.
	"sdp500": "it measures a difference of pressures, and the kernel gives it in Pa",
	"sdp510": "it measures a difference of pressures, and the kernel gives it in Pa",
}

// fullest is the greatest plausible relative humidity, noise included, in percent.
const fullest = 106

// fromPercent takes a value that would be less than 0.106 % for percent.
func fromPercent(_ iioChannel, v float64) float64 {
	if v <= fullest {
		return v * 1000
	}
	return v
}

// fromHectopascal takes a value that would be more than 2000 hPa for hPa.
func fromHectopascal(_ iioChannel, v float64) float64 {
	if v > 200 {
		return v / 10
	}
	return v
}

// fromWhole takes raw numbers with the scale of whole degrees and percents for
// what they are.
func fromWhole(c iioChannel, v float64) float64 {
	if c.isWhole() {
		return v * 1000
	}
	return v
}

// isWhole reports whether all of the 16 bits that such chips have make less than
// 10 degrees, or 10 percent, in the documented unit: then the unit is another.
func (c iioChannel) isWhole() bool {
	const least, bits16 = 10_000, 1 << 16
	return c.raw && math.Abs(c.scale)*bits16 < least
}

// inUnit returns a number of the channel in the documented unit.
func (c iioChannel) inUnit(number float64) (float64, error) {
	v := (number + c.offset) * c.scale
	for _, d := range departures {
		if d.device == c.device && d.quantity == c.kind.quantity.Name {
			return d.fix(c, v), nil
		}
	}
	switch name := c.kind.quantity.Name; {
	case c.isWhole() && math.Abs(number) < 1<<16 && (name == sensors.Temperature.Name || name == sensors.Humidity.Name):
		return 0, reject(sensors.OutRange, "the scale of %s is %g, too small for thousandths of %s: the unit of this kernel driver is not known",
			c.kind.file, c.scale, c.kind.quantity.Unit)
	case !c.raw && name == sensors.Humidity.Name && tooDry(v):
		return 0, reject(sensors.OutRange, "%s is %g, which is less than 0.106 %% or else percent: the unit of this kernel driver is not known", c.kind.file, v)
	}
	return v, nil
}

// tooDry reports whether thousandths of a percent are so few that they are more
// likely whole ones. 0 is what a saturated sensor gives.
func tooDry(thousandths float64) bool { return 0 < thousandths && thousandths <= fullest }

// temperatures are what chips can measure, by the beginning of their names; where
// a kernel driver misreads a register, what it gives is often outside of it.
var temperatures = []struct {
	prefix    string
	low, high float64
}{
	{"bme", -40, 85},
	{"bmp", -40, 85},
	{"dht", -40, 80},
	{"hdc", -40, 125},
	{"hts", -40, 120},
	{"htu", -40, 125},
	{"si70", -40, 125},
	{"tmp117", -55, 150}, // -256 °C is its power-on value
	{"tmp116", -55, 150},
	// Thermocouples.
	{"ltc298", -270, 1800},
	{"max31855", -270, 1800},
	{"max31856", -270, 1800},
	{"max6675", 0, 1024},
	{"mcp96", -270, 1800},
}

// plausible returns a value in the unit of its quantity if the chip can have
// measured it. A humidity a little off the scale is cropped.
func (c iioChannel) plausible(v float64) (float64, error) {
	switch c.kind.quantity.Name {
	case sensors.Humidity.Name:
		return cropNoise(v), nil
	case sensors.CO2.Name:
		if v == 0 {
			return 0, reject(sensors.PowerOn, "0 ppm is what chips give that have not measured yet")
		}
	case sensors.Temperature.Name:
		low, high := -100.0, 400.0
		for _, t := range temperatures {
			if strings.HasPrefix(c.device, t.prefix) {
				low, high = t.low, t.high
			}
		}
		return measured(v, low, high)
	}
	return v, nil
}

// unreadable returns why a device cannot be read, or nil.
func unreadable(d device) error {
	if reason := unsupported[d.base()]; reason != "" {
		return fmt.Errorf("%s cannot be read through iio: %s", d.base(), reason)
	}
	return nil
}
