package drivers

// iioRefused are the devices whose channels are not what was measured.
var iioRefused = refusals{
	// drivers/iio/temperature/max31865.c has the scale of the data sheet's
	// approximation, code/32 - 256, without its offset. That holds for a PT100 with
	// a reference of 400 Ω only, and the chip's faults are not looked at.
	{"max31865", `the kernel gives a resistance as a temperature, without its offset: use driver = "max31865"`},
	// drivers/iio/pressure/sdp500.c, sdp500_read_raw: scale 1/60, which is Pa. The
	// driver has this name for an SDP510 too.
	{"sdp500", "it measures a differential pressure, and the kernel returns it in Pa"},
	// drivers/iio/pressure/adp810.c, adp810_read_raw: the divisors of the data sheet,
	// 200 for a degree, are given as scales, and the signs are lost.
	{"adp810", "the kernel multiplies by its divisors"},
	// drivers/iio/pressure/dlhl60d.c, dlh_read_raw: the offsets are those of the
	// product, not of the raw number.
	{"dlhl60[dg]", "the kernel gives its offsets in the wrong unit"},
	// drivers/iio/light/tsl2772.c, tsl2772_read_raw does not look at the result of
	// tsl2772_get_lux, which leaves the last value in place.
	{"tsl2[567]7[12]", staleLux},
	{"tmd2[67]7[12]", staleLux},
	{"apds9930", staleLux},
	// drivers/iio/light/vcnl4035.c, vcnl4035_read_raw: the registers of the two
	// channels are exchanged.
	{"vcnl4035", "the kernel returns white light instead of the illuminance"},
	// drivers/iio/adc/max34408.c, max34408_read_raw: 10000 / µΩ, a whole number.
	{"max3440[89]", "the kernel gives the current in whole fractions of amperes"},
	// drivers/iio/adc/ltc2485.c, ltc2485_read_raw.
	{"ltc2485", "the kernel assumes a reference of 5 V"},
	// drivers/iio/light/apds9300.c, apds9300_calculate_lux has the coefficients of the
	// 16-fold gain, but the driver leaves the gain at 1 (apds9300_chip_init).
	{"apds9300", "the kernel computes the illuminance with another gain than it sets"},
}

const staleLux = "the kernel repeats the last value when the chip does not answer"
