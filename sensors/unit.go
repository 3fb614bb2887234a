package sensors

import (
	"slices"
	"strings"
)

// A unit is one of the units of a kind of value.
type unit struct {
	name string
	base string // the unit to which it converts
	num  float64
	den  float64 // value = base * num / den + zero
	zero float64
}

// units are those that can be converted. The millimetre and the inch of mercury
// are the conventional ones (NIST SP 811, appendix B).
var units = []unit{
	{"°C", "°C", 1, 1, 0},
	{"°F", "°C", 9, 5, 32},
	{"K", "°C", 1, 1, 273.15},
	{"hPa", "hPa", 1, 1, 0},
	{"kPa", "hPa", 1, 10, 0},
	{"Pa", "hPa", 100, 1, 0},
	{"mbar", "hPa", 1, 1, 0},
	{"mmHg", "hPa", 100, 133.322387415, 0},
	{"inHg", "hPa", 100, 3386.388640341, 0},
}

// Units returns the units to which a value in the given one can be converted,
// itself included, or nil if there is no conversion.
func Units(of string) []string {
	from, ok := lookUp(of)
	if !ok {
		return nil
	}
	var names []string
	for _, u := range units {
		if u.base == from.base {
			names = append(names, u.name)
		}
	}
	return names
}

// UnitMeant returns the unit that another spelling of it means, such as "°F" for "F",
// or "".
func UnitMeant(spelling string) string {
	if _, known := lookUp(spelling); known {
		return ""
	}
	plain := strings.ToLower(strings.NewReplacer("°", "", "º", "", "deg", "", " ", "").Replace(spelling))
	for name, others := range map[string]string{
		"°C": "c celsius centigrade", "°F": "f fahrenheit", "K": "k kelvin", "mmHg": "torr mmhg", "inHg": "inhg",
		"hPa": "hpa hectopascal", "kPa": "kpa kilopascal", "Pa": "pa pascal", "mbar": "mbar millibar",
	} {
		if slices.Contains(strings.Fields(others), plain) {
			return name
		}
	}
	return ""
}

// Convert converts a value to another of its [Units]. It panics if there is no
// conversion, which checking the configuration has to rule out.
func Convert(v float64, from, to string) float64 {
	if from == to || to == "" {
		return v
	}
	a, known := lookUp(from)
	b, ok := lookUp(to)
	if !known || !ok || a.base != b.base {
		panic("sensors: cannot convert " + from + " to " + to)
	}
	v = (v - a.zero) * a.den / a.num
	return v*b.num/b.den + b.zero
}

func lookUp(name string) (unit, bool) {
	for _, u := range units {
		if u.name == name {
			return u, true
		}
	}
	return unit{}, false
}
