package drivers

import (
	"math"
	"path/filepath"
	"strings"

	"sensorpub/sensors"
)

// fullest is the greatest plausible relative humidity, noise included, in percent.
const fullest = 106

// isWhole reports whether all of the 16 bits that such chips have make less than
// 10 degrees, or 10 percent, in the documented unit: then the unit is another.
func (c iioChannel) isWhole() bool {
	const least, bits16 = 10_000, 1 << 16
	return c.raw && math.Abs(c.scale)*bits16 < least
}

// inUnit returns the number of the channel in the documented unit.
func (c iioChannel) inUnit() (float64, error) {
	file := filepath.Base(c.file)
	if c.scale == 0 {
		return 0, reject(sensors.OutRange, "the scale of %s is 0", file)
	}
	v := (c.number + c.offset) * c.scale
	for _, d := range departures {
		if d.quantity == c.kind.quantity.Name && matches(d.device, c.device) {
			return d.fix(c, v), nil
		}
	}
	switch name := c.kind.quantity.Name; {
	case c.isWhole() && math.Abs(c.number) < 1<<16 && (name == sensors.Temperature.Name || name == sensors.Humidity.Name):
		return 0, reject(sensors.OutRange, "the scale of %s is %g, too small for thousandths of %s: the unit of this kernel driver is not known",
			file, c.scale, c.kind.quantity.Unit)
	case !c.raw && name == sensors.Humidity.Name:
		return v, tooDry(file, v)
	case c.device == "veml6030" && name == sensors.Illuminance.Name:
		return veml6030(v)
	case (matches("ltr[35]0[13]", c.device) || c.device == "ltr559") && name == sensors.Illuminance.Name:
		return c.ltr501(v)
	}
	return v, nil
}

// ltr501 returns an illuminance that was measured as the kernel assumes, with the gain
// 1 in 100 ms (drivers/iio/light/ltr501.c, ltr501_calculate_lux).
func (c iioChannel) ltr501(lux float64) (float64, error) {
	for file, assumed := range map[string]float64{"in_intensity_scale": 1, "in_intensity_integration_time": 0.1} {
		if v := c.sibling(file); !math.IsNaN(v) && v != assumed {
			return 0, reject(sensors.OutRange, "%s is %g, the kernel computes the illuminance for %g", file, v, assumed)
		}
	}
	return lux, nil
}

// veml6030 repairs the fraction of an illuminance. Kernels before a fix in 2024 write its
// four digits two places too far to the right (drivers/iio/light/veml6030.c,
// veml6030_read_raw: 0.004608 for 0.4608 lx).
func veml6030(lux float64) (float64, error) {
	whole := math.Floor(lux)
	switch micro := math.Round((lux - whole) * 1e6); {
	case micro == 0 || micro >= 10_000 || whole >= 100:
		return lux, nil
	case math.Mod(micro, 100) != 0:
		return whole + micro/1e4, nil
	}
	return 0, reject(sensors.OutRange, "%g lx may be %g: some kernels write the fraction in the wrong place", lux, whole+(lux-whole)*100)
}

// tooDry rejects so few thousandths of a percent in a file that they are more likely
// whole ones. 0 is what a saturated sensor gives.
func tooDry(file string, thousandths float64) error {
	if thousandths <= 0 || thousandths > fullest {
		return nil
	}
	return reject(sensors.OutRange, "%s is %g, which is less than 0.106 %% or else percent: the unit of this kernel driver is not known", file, thousandths)
}

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
	{"max31856", -270, 1800},
	{"maxim_thermocouple", -270, 1800}, // MAX31855, MAX6675
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

// signed16 gives the upper half of 16 bits their sign.
func signed16(c iioChannel, v float64) float64 {
	if v >= c.scale*(1<<15) {
		v -= c.scale * (1 << 16)
	}
	return v
}

// fromFraction takes 400 to 60,000 ppm, the range of such chips, for a fraction of 1.
// Were it percent, it would be less than 600 ppm; 400 to 600 then leave the range.
func fromFraction(_ iioChannel, v float64) float64 {
	if v <= 0.06 {
		return v * 100
	}
	return v
}

// ofOne takes a value for a fraction of 1: what is percent of a gas elsewhere.
func ofOne(_ iioChannel, v float64) float64 { return v * 100 }

// fromWhole takes raw numbers with the scale of whole degrees and percents for
// what they are.
func fromWhole(c iioChannel, v float64) float64 {
	if c.isWhole() {
		return v * 1000
	}
	return v
}
