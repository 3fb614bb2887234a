package drivers

import (
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sensorpub/sensors"
)

// A chip at the end of its range returns its last number, whatever the true value is,
// and some return a special number for "nothing measured". The kernel passes both on as
// values. None of them becomes a reading.

// A limit lists numbers of a channel, or of another file that shows the same, that are
// not measurements.
type limit struct {
	device, quantity string // see departure
	file             string // "": the channel's own
	numbers          []float64
	why              string
}

const (
	rangeEnd = "the end of the chip's range, the true value may lie beyond it"
	noEcho   = "what the chip gives when it sees nothing in its range"
)

var limits = []limit{
	// The results are cut at 16 bits (drivers/iio/light/cm32181.c, cm32181_get_lux;
	// cm3232.c, cm3232_get_lux; tsl2583.c, TSL2583_LUX_CALC_OVER_FLOW).
	{"*", sensors.Illuminance.Name, "", []float64{1<<16 - 1}, rangeEnd},
	// The kernel does not look at the overflow flags. Largest mantissa and exponent
	// (opt3001.c, opt3001_scales; opt4001.c, opt4001_read_lux_value).
	{"opt3001", sensors.Illuminance.Name, "", []float64{83865.6}, rangeEnd},
	{"opt4001-sot-5x3", sensors.Illuminance.Name, "", []float64{117440.4}, rangeEnd},
	{"opt4001-picostar", sensors.Illuminance.Name, "", []float64{83886}, rangeEnd},
	{"max44000", sensors.Illuminance.Name, "", []float64{0x3FFF}, rangeEnd}, // max44000_read_alsval
	// 12 and 16 bits in the ranges of 1,000 and 4,000 lx (isl29018_read_lux), and
	// 4095 * 49 / 100 (isl29028_als_get).
	{"isl29018", sensors.Illuminance.Name, "", []float64{999, 3999}, rangeEnd},
	{"isl29023", sensors.Illuminance.Name, "", []float64{999, 3999}, rangeEnd},
	{"isl29035", sensors.Illuminance.Name, "", []float64{999, 3999}, rangeEnd},
	{"isl29028", sensors.Illuminance.Name, "", []float64{2006}, rangeEnd},
	{"isl29030", sensors.Illuminance.Name, "", []float64{2006}, rangeEnd},
	// Full counts of the photodiode from which the illuminance is computed:
	// tsl2563_gainlevel_table with 13 ms shifted by 9, 200 ms and longer or 100 ms
	// (TSL2591 data sheet, ALS Timing), and 16 bits.
	{"tsl256[0123]", sensors.Illuminance.Name, "in_intensity_both_raw", []float64{5047 << 9}, rangeEnd},
	{"tsl2591", sensors.Illuminance.Name, "in_intensity_both_raw", []float64{1<<16 - 1, 36863}, rangeEnd},
	{"ltr[35][05]*", sensors.Illuminance.Name, "in_intensity_both_raw", []float64{1<<16 - 1}, rangeEnd},

	// The kernel does not look at the status of the range (vl53l0x-i2c.c,
	// vl53l0x_read_proximity; vl6180.c, vl6180_measure); in millimetres.
	{"vl53l0x", sensors.Distance.Name, "", []float64{8190, 8191}, noEcho},
	{"vl6180", sensors.Distance.Name, "", []float64{255}, noEcho},
	// No echo (srf08.c, srf08_read_ranging; pulsedlight-lidar-lite-v2.c).
	{"*", sensors.Distance.Name, "", []float64{0}, noEcho},
	// Atlas' circuits give 0 for a probe that is not in a liquid; no probe measures it.
	{"*", sensors.PH.Name, "", []float64{0}, "what the chip gives without a probe"},

	// Converters without a buffer, which have no file with their number of bits.
	{"mcp300[1248]", sensors.Voltage.Name, "", []float64{1<<10 - 1}, rangeEnd},
	{"mcp320[1248]", sensors.Voltage.Name, "", []float64{1<<12 - 1}, rangeEnd},
	{"mcp3301", sensors.Voltage.Name, "", []float64{-1 << 12, 1<<12 - 1}, rangeEnd},
	{"hx711", sensors.Voltage.Name, "", []float64{0, 1<<24 - 1}, rangeEnd}, // before its offset
	// The end of a shunt's converter (ina2xx-adc.c; INA219 and INA226 data sheets).
	{"ina219", sensors.Current.Name, "in_voltage0_raw", []float64{-32000, 32000}, rangeEnd},
	{"ina219", sensors.Power.Name, "in_voltage0_raw", []float64{-32000, 32000}, rangeEnd},
	{"ina226", sensors.Current.Name, "in_voltage0_raw", []float64{-1 << 15, 1<<15 - 1}, rangeEnd},
	{"ina226", sensors.Power.Name, "in_voltage0_raw", []float64{-1 << 15, 1<<15 - 1}, rangeEnd},
	{"nau7802", sensors.Voltage.Name, "", []float64{-1 << 23, 1<<23 - 1}, rangeEnd},
	{"ads1[01]00", sensors.Voltage.Name, "", []float64{-1 << 15, 1<<15 - 1}, rangeEnd},
}

// unmeasured returns why the channel's number is not a measurement, or nil.
func (c iioChannel) unmeasured() error {
	for _, l := range limits {
		if l.quantity != c.kind.quantity.Name || !matches(l.device, c.device) {
			continue
		}
		number := c.number
		if l.file != "" {
			number = c.sibling(l.file)
		}
		if slices.ContainsFunc(l.numbers, func(n float64) bool { return math.Abs(n-number) < 1e-6 }) {
			return reject(sensors.OutRange, "%s is %g, %s", filepath.Base(c.file), number, l.why)
		}
	}
	if low, high, known := c.bits(); known && (c.number <= low || c.number >= high) {
		return reject(sensors.OutRange, "%s is %g, %s", filepath.Base(c.file), c.number, rangeEnd)
	}
	return c.lineLow()
}

func matches(pattern, device string) bool {
	named, _ := path.Match(pattern, device)
	return named
}

// bits returns the ends of a converter's raw numbers. The kernel shows their sign and
// number of bits for buffered reads ("le:s12/16>>4"). An unsigned 0 is a measurement.
func (c iioChannel) bits() (low, high float64, known bool) {
	if !c.raw || !slices.Contains([]string{sensors.Voltage.Name, sensors.Current.Name, sensors.Illuminance.Name}, c.kind.quantity.Name) {
		return 0, 0, false
	}
	if matches(mcp3422Address, c.device) {
		bits, known := mcp3422Bits[c.sibling("in_voltage_sampling_frequency")]
		return ends(true, bits, known)
	}
	dir, name := filepath.Split(c.file)
	text, err := c.host.readFile(filepath.Join(dir, "scan_elements", name+"_type"))
	_, layout, found := strings.Cut(string(text), ":")
	word, _, _ := strings.Cut(layout, "/")
	if err != nil || !found || len(word) < 2 {
		return 0, 0, false
	}
	bits, err := strconv.Atoi(word[1:])
	return ends(word[0] == 's', bits, err == nil && 1 < bits && bits < 53)
}

func ends(signed bool, bits int, known bool) (low, high float64, _ bool) {
	if signed {
		half := math.Exp2(float64(bits - 1))
		return -half, half - 1, known
	}
	return math.Inf(-1), math.Exp2(float64(bits)) - 1, known
}

// mcp3422Bits are the bits of an MCP3422 by its conversions a second (DS22088C, table
// 4-1).
var mcp3422Bits = map[float64]int{240: 12, 60: 14, 15: 16, 3: 18}

// lineLow rejects an exact 0 °C of a thermocouple on SPI whose data line may be held
// low: then every channel is 0 and no fault bit is set. A MAX6675 has no other channel,
// and gives 0 below 0 °C, too.
func (c iioChannel) lineLow() error {
	if c.number != 0 || c.device != "maxim_thermocouple" && c.device != "max31856" {
		return nil
	}
	other := "in_temp_ambient_raw"
	if strings.Contains(c.file, "ambient") {
		other = "in_temp_raw"
	}
	switch v := c.sibling(other); {
	case math.IsNaN(v):
		return reject(sensors.AllZero, "an exact 0 °C is also what a chip gives whose data line is low, or a MAX6675 below 0 °C")
	case v == 0:
		return reject(sensors.AllZero, "both temperatures are 0: the data line is low")
	}
	return nil
}

// A unitless channel is a quantity of a device that has a raw number and no scale.
type unitless struct{ device, quantity string }

// unscaled are the scales of unitless channels.
var unscaled = map[unitless]float64{
	{"mh-z19b", sensors.CO2.Name}:        1e-4, // ppm (drivers/iio/chemical/mhz19b.c, mhz19b_read_raw)
	{"bh1780", sensors.Illuminance.Name}: 1,    // lx (drivers/iio/light/bh1780.c, bh1780_read_raw)
}
