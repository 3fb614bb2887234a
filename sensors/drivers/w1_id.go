package drivers

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// w1Option is the option id of every driver for 1-Wire.
var w1Option = option.Option{Name: "id", Default: "", Doc: "ROM id such as \"28-0316a2794fff\"; may be left out while exactly one probe is there"}

var w1ID = regexp.MustCompile(`^(10|22|28|3b|42)-[0-9a-f]{12}$`)

// w1IDOf returns options.id as the kernel writes it.
func w1IDOf(v option.Values) (string, error) {
	id := strings.ToLower(v.String("id"))
	if id != "" && !w1ID.MatchString(id) {
		return "", fmt.Errorf(`options.id = %q: want a family (10, 22, 28, 3b or 42), a dash and 12 hexadecimal digits, such as "28-0316a2794fff"`, v.String("id"))
	}
	return id, nil
}

// w1Range returns what a probe of that id can measure at all. What its
// kind cannot is rejected when the scratchpad tells the kind.
func w1Range(id string) sensors.Quantity {
	if id == "" || strings.HasPrefix(id, "3b-") {
		return thermocouple
	}
	return sensors.Temperature.Within(-55, 125)
}

// chooseW1 returns the id to read: the wanted one, or the only one of those
// found, of which there is at least one.
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

// A w1Last is the last good value of a probe, by which its power-on value is
// judged. It outlives the opened probe, and is forgotten when that was away: it
// may have lost its power.
type w1Last struct {
	id    string // "": none yet
	value float64
}

// accept refuses the power-on value, 85 °C, unless the probe was last seen
// close enough to be there now: clones cannot tell it from a true 85 °C.
func (l *w1Last) accept(id string, value float64, powerOn bool) (float64, error) {
	if powerOn && (l.id != id || math.Abs(l.value-85) > 3) {
		return 0, reject(sensors.PowerOn, "85 °C is what a probe holds that has not converted")
	}
	l.id, l.value = id, value
	return value, nil
}
