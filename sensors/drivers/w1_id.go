package drivers

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// w1Option is the option id of the 1-Wire drivers.
var w1Option = option.Option{Name: "id", Default: "", Doc: "ROM id such as \"28-0316a2794fff\"; optional while exactly one probe is connected"}

// isW1ID reports whether a name is the ROM id of a thermometer.
func isW1ID(name string) bool {
	family, serial, ok := strings.Cut(name, "-")
	return ok && slices.Contains([]string{"10", "22", "28", "3b", "42"}, family) && len(serial) == 12 && strings.Trim(serial, "0123456789abcdef") == ""
}

// w1IDOf returns options.id in the kernel's spelling.
func w1IDOf(v option.Values) (string, error) {
	id := strings.ToLower(v.String("id"))
	if id != "" && !isW1ID(id) {
		return "", fmt.Errorf(`options.id = %q: want a family (10, 22, 28, 3b or 42), a dash and 12 hexadecimal digits, such as "28-0316a2794fff"`, v.String("id"))
	}
	return id, nil
}

// w1Range returns what probes of that family can measure. The scratchpad tells the
// kinds of a family apart.
func w1Range(id string) sensors.Quantity {
	if id == "" || strings.HasPrefix(id, "3b-") {
		return thermocouple
	}
	return sensors.Temperature.Within(-55, 125)
}

// w1Source is the id, or any where there is none.
func w1Source(id string) string {
	if id == "" {
		return "*"
	}
	return id
}

// chooseW1 returns the id to read: the wanted one, or the only one found. At least
// one was found.
func chooseW1(wanted string, found []string) (string, error) {
	switch {
	case wanted != "" && !slices.Contains(found, wanted):
		return "", fmt.Errorf("%s does not answer, found %s", wanted, strings.Join(found, ", "))
	case wanted != "":
		return wanted, nil
	case len(found) > 1:
		return "", fmt.Errorf("%d probes answer, set options.id to one of %s", len(found), strings.Join(found, ", "))
	}
	return found[0], nil
}

// A w1Last is the last good value of a probe, by which its power-on value is judged.
// It outlives the open probe, and is forgotten when the probe was absent: it may
// have lost its power.
type w1Last struct {
	id    string // "": none yet
	value float64
}

// accept rejects a power-on value, 85 or 0 °C, unless the last good value was close
// to it, as it can also be true.
func (l *w1Last) accept(id string, value float64, powerOn bool) (float64, error) {
	if powerOn && (l.id != id || math.Abs(l.value-value) > 3) {
		return 0, reject(sensors.PowerOn, "%g °C is what the probe holds before its first conversion", value)
	}
	l.id, l.value = id, value
	return value, nil
}
