package drivers

import (
	"math"

	"sensorpub/sensors"
)

// The kernel documents the units of its iio channels (Documentation/ABI/testing/
// sysfs-bus-iio), see iioKinds. Some of its drivers give others, and some do so in a few versions only.
// What a value means is then judged by what it can be; what stays ambiguous is
// rejected.

// A departure is a channel of a mainline driver that is not in the documented unit.
type departure struct {
	device   string // pattern of the name in the device's file, see path.Match
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
	// Degrees, as a fraction, in its first versions (bme680_read_temp: hundredths / 100,
	// later hundredths * 10, a whole number).
	{"bme680", sensors.Temperature.Name, func(c iioChannel, v float64) float64 {
		if c.fraction && math.Abs(v) <= 85 {
			v *= 1000
		}
		return v
	}},
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
	// 65536, then 100000 / 65536). The driver is named by the address of its chip
	// (hdc100x_probe: dev_name), like si7005 and si7020, which keep to the units.
	{"*-004[0-3]", sensors.Humidity.Name, fromWhole},
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
	// Degrees (drivers/iio/pressure/hp206c.c, hp206c_read_raw: 0.01).
	{"hp206c", sensors.Temperature.Name, fromWhole},
	// The offset is in thousandths of a degree, to be added to the product
	// (drivers/iio/pressure/icp10100.c, icp10100_read_raw: -45000).
	{"icp10100", sensors.Temperature.Name, func(c iioChannel, v float64) float64 {
		if c.offset == -45000 {
			v += c.offset - c.offset*c.scale
		}
		return v
	}},
	// Bit 15 is the sign of the chip's number, which the kernel takes for an unsigned
	// one (drivers/iio/humidity/am2315.c, am2315_read_data).
	{"am2315", sensors.Temperature.Name, func(c iioChannel, v float64) float64 {
		if sign := c.scale * (1 << 15); v >= sign {
			v = sign - v
		}
		return v
	}},
	// The 16 bits are signed, the kernel takes them for unsigned
	// (drivers/iio/temperature/mcp9600.c, mcp9600_read, in its first versions;
	// drivers/iio/chemical/sunrise_co2.c, sunrise_read_raw).
	{"mcp9600", sensors.Temperature.Name, signed16},
	{"sunrise_co2", sensors.Temperature.Name, signed16},
	// Pa, as a version gives it (drivers/iio/pressure/mprls0025pa.c, mpr_probe: scale
	// and offset of pmin and pmax in Pa).
	{"mprls0025pa", sensors.Pressure.Name, func(_ iioChannel, v float64) float64 {
		if v > 1000 { // more than 10,000 hPa, were it kPa
			v /= 1000
		}
		return v
	}},
	// Fractions of 1: ppm / 1e6 (drivers/iio/chemical/sgp30.c, sgp_read_raw;
	// ams-iaq-core.c, ams_iaqcore_read_raw; vz89x.c, vz89x_attributes). The last two
	// drivers are named by the only address of their chips.
	{"sgp30", sensors.CO2.Name, fromFraction},
	{"*-005a", sensors.CO2.Name, fromFraction},
	{"*-0070", sensors.CO2.Name, fromFraction},
	// The same, in ppb / 1e9, in all versions up to now.
	{"sgp30", sensors.VOC.Name, ofOne},
	{"sgpc3", sensors.VOC.Name, ofOne},
	{"*-005a", sensors.VOC.Name, ofOne},
	{"*-0070", sensors.VOC.Name, ofOne},
	// 10 times the value: the circuit gives hundredths of 1 µS/cm, of which the scale
	// makes 1e-5 S/m (drivers/iio/chemical/atlas-sensor.c, atlas_read_raw).
	{"atlas", sensors.Conductivity.Name, func(c iioChannel, v float64) float64 {
		if math.Abs(c.scale-1e-5) < 1e-9 {
			v /= 10
		}
		return v
	}},
	// The scale is that of degrees, and the offset that of the product
	// (drivers/iio/light/as73211.c, as73211_read_raw: 0.05 and -66.9).
	{"as73211", sensors.Temperature.Name, func(c iioChannel, v float64) float64 {
		if c.offset == -66.9 {
			v = 1000 * (c.number*c.scale + c.offset)
		}
		return v
	}},
	// A hundredth of the value (drivers/iio/light/ltr390.c, ltr390_read_raw: 0.6 / gain /
	// integration time in units of 100 ms, written with 1e3 where it must be 1e5).
	{"ltr390", sensors.Illuminance.Name, func(c iioChannel, v float64) float64 {
		if gain := 600 / (c.scale * c.sibling("integration_time")); 0.9 < gain && gain < 19 {
			v *= 100
		}
		return v
	}},
	// mJ (drivers/iio/adc/pac1934.c, pac1934_read_raw: PAC1934_SCALE_CONSTANT).
	{"pac193[1-4]", sensors.Energy.Name, func(_ iioChannel, v float64) float64 { return v / 1000 }},
	// V (drivers/iio/adc/mcp3422.c, mcp3422_scales). The driver is named by the address
	// of the chip.
	{mcp3422Address, sensors.Voltage.Name, func(c iioChannel, v float64) float64 {
		if c.scale <= 0.001 { // thousandths of a volt are 0.00195 and more
			v *= 1000
		}
		return v
	}},
	// µV (drivers/iio/temperature/tmp006.c, tmp006_read_raw), named by the address.
	{"*-004?", sensors.Voltage.Name, func(c iioChannel, v float64) float64 {
		if c.scale == 0.15625 {
			v /= 1000
		}
		return v
	}},
	// The half of 24 bits stands for 0, and there is no offset (drivers/iio/adc/hx711.c,
	// hx711_read: value ^= 0x800000).
	{"hx711", sensors.Voltage.Name, func(c iioChannel, v float64) float64 {
		if c.offsetFile == "" {
			v -= c.scale * (1 << 23)
		}
		return v
	}},
	// The offset is in mV, to be added to the product (drivers/iio/adc/ltc2471.c,
	// ltc2471_read_raw: -1250).
	{"ltc2473", sensors.Voltage.Name, func(c iioChannel, v float64) float64 {
		if c.offset == -1250 {
			v = c.number*c.scale + c.offset
		}
		return v
	}},
}

const mcp3422Address = "*-006[89a-f]"
