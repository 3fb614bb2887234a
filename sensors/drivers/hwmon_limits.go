package drivers

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"

	"sensorpub/sensors"
)

// hwmonRefused are the chips whose inputs are not what was measured.
var hwmonRefused = refusals{
	// drivers/hwmon/gpio-fan.c, fan1_input_show.
	{"gpio_fan", "its speed is the one that was set, not a measured one"},
	// drivers/hwmon/pcf8591.c, pcf8591_read_channel: 10 mV times the number.
	{"pcf8591", assumedReference},
}

const assumedReference = "the kernel assumes a reference of 2.56 V, which most boards do not have"

// hwmonMicrovolts are the inputs in µV in place of mV: the shunts of an INA3221
// (Documentation/hwmon/ina3221.rst).
func hwmonMicrovolts(chip, input string) bool {
	return chip == "ina3221" && matches("in[4-7]", input)
}

// A shuntEnd is the voltage of a shunt at which a chip's converter ends: then the
// current, and the power that the chip computes of it, are higher.
type shuntEnd struct {
	chip, input string  // the current's; "*": the power's too
	shunt       string  // the voltage's
	end         float64 // in its unit
}

// shuntEnds are those of the data sheets, as the kernel rounds them (ina2xx.c,
// ina2xx_get_value; ina238.c, ina238_read_in; ina3221.c, ina3221_read_in).
var shuntEnds = []shuntEnd{
	{"ina219", "*", "in0", 320},
	{"ina220", "*", "in0", 320},
	{"ina226", "*", "in0", 82},
	{"ina23[01]", "*", "in0", 82},
	{"ina23[78]", "*", "in0", 163},
	{"ina3221", "curr1", "in4", 163800},
	{"ina3221", "curr2", "in5", 163800},
	{"ina3221", "curr3", "in6", 163800},
}

// overloaded returns why the current or the power of an input is not what flows, or nil.
func (s hwmonSensor) overloaded(i openInput) error {
	dir, input := filepath.Split(i.file)
	if i.kind.quantity.Name != sensors.Current.Name && i.kind.quantity.Name != sensors.Power.Name {
		return nil
	}
	for _, e := range shuntEnds {
		if !matches(e.chip, s.chip) || !matches(e.input, input) {
			continue
		}
		if v, err := s.host.number(dir + e.shunt + "_input"); err == nil && math.Abs(v) >= e.end {
			return reject(sensors.OutRange, "%s_input of the shunt is %g, %s", e.shunt, v, rangeEnd)
		}
	}
	return nil
}

// shuntOf says which shunt the kernel assumes for an input (Documentation/hwmon/
// ina2xx.rst and ina3221.rst, in µΩ) or a channel (in_shunt_resistor of ina2xx-adc.c,
// in Ω), or "".
func shuntOf(d device, input, quantity string) string {
	if quantity != sensors.Current.Name && quantity != sensors.Power.Name {
		return ""
	}
	number := strings.TrimLeft(input, "abcdefghijklmnopqrstuvwxyz")
	for _, f := range []struct {
		file string
		per  float64 // of an ohm
	}{{"shunt_resistor", 1e6}, {"shunt" + number + "_resistor", 1e6}, {"in_shunt_resistor", 1}} {
		if v, err := readNumber(filepath.Join(d.dir, f.file)); err == nil {
			return fmt.Sprintf("the kernel assumes a shunt of %g Ω", v/f.per)
		}
	}
	if matches("ltc[24]*", d.name) {
		return "the kernel assumes a shunt of 0.001 Ω, unless its device tree has another" // ltc2945.rst, ltc4151.rst
	}
	return ""
}
