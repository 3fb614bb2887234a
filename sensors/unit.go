package sensors

// A unit is one way to write values of one kind.
type unit struct {
	name string
	base string // the unit it is a multiple of
	num  float64
	den  float64 // a value is that in the base unit, times num, divided by den
	zero float64 // plus this
}

// units are those that a value can be converted to and from. The millimetre
// and the inch of mercury are the conventional ones (NIST SP 811, appendix B).
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

// Units returns the units in which a value in that unit can be given, itself
// among them, or nil if it is not known how to convert it.
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

// Convert returns a value in another of its [Units]. It panics if there is no
// way from one unit to the other, which a configuration has to see to.
func Convert(v float64, from, to string) float64 {
	if from == to || to == "" {
		return v
	}
	a, known := lookUp(from)
	b, ok := lookUp(to)
	if !known || !ok || a.base != b.base {
		panic("sensors: no way from " + from + " to " + to)
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
