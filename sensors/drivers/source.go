package drivers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// A source is a quantity whose values come from another program, in a unit of
// their own.
type source struct {
	sensors.Quantity
	from string // unit of the values
}

// newSource returns a known quantity, whose values come in its unit or one that can
// be converted, or any other, which has a unit. The names and units have been
// checked.
func newSource(name, unit string) source {
	q, known := sensors.QuantityNamed(name)
	switch {
	case !known:
		q = sensors.OtherQuantity(name, unit)
	case unit == "":
		unit = q.Unit
	}
	return source{q, unit}
}

// measured returns a value of the source in the unit of its quantity.
func (s source) measured(v float64) sensors.Measurement {
	return sensors.Measurement{Quantity: s.Name, Value: sensors.Convert(v, s.from, s.Unit)}
}

// checkUnit returns what is wrong with the unit in which the values of a quantity
// come, or "".
func checkUnit(name, unit string) string {
	q, known := sensors.QuantityNamed(name)
	if strings.ContainsFunc(unit, option.BadInText) {
		return "want a unit without control characters and Unicode non-characters"
	}
	if !known || unit == "" || unit == q.Unit || slices.Contains(sensors.Units(q.Unit), unit) {
		return ""
	}
	if m := sensors.UnitMeant(unit); slices.Contains(sensors.Units(q.Unit), m) {
		return fmt.Sprintf("did you mean %q?", m)
	}
	units := sensors.Units(q.Unit)
	switch {
	case q.Unit == "":
		return name + " has no unit"
	case units == nil:
		units = []string{q.Unit}
	}
	return fmt.Sprintf("want %s for %s", option.OneOf(units), name)
}

// checkName returns what is wrong with the name of a quantity that has a unit or
// not, or "". key is the option for the unit.
func checkName(name, unit, key string) string {
	if _, known := sensors.QuantityNamed(name); known {
		return ""
	}
	if !isQuantityName(name) {
		return "want lower-case letters, digits and _, a letter first"
	}
	if unit != "" {
		return ""
	}
	if near := option.Nearest(name, sensors.Names(sensors.Quantities)); near != "" {
		return fmt.Sprintf("no known quantity, did you mean %q? Any other needs its unit in %s", near, key)
	}
	return "no known quantity, want its unit in " + key
}

// isQuantityName reports whether a name is lower-case letters, digits and _, and
// begins with a letter.
func isQuantityName(name string) bool {
	return name != "" && name[0] >= 'a' && name[0] <= 'z' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// anyUnits is the option for the units of options.quantities, which is called the
// same in every driver that takes any quantity.
var anyUnits = option.Option{
	Name: "units", Default: map[string]string{},
	Doc: "units of the values, for quantities that are not known or come in another unit: { soil = \"%\", temperature = \"°F\" }",
}

// chooseAny returns the sources that the options describe.
func chooseAny(v option.Values) ([]source, error) {
	names, units := v.Strings("quantities"), v.Texts("units")
	if err := each(names); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(units)) {
		cause := checkUnit(name, units[name])
		if !slices.Contains(names, name) {
			cause = fmt.Sprintf("%q is not among the quantities, %s", name, option.Suggest(name, names))
		}
		if cause != "" {
			return nil, fmt.Errorf("options.units = %s: %s", option.Format(units), cause)
		}
	}
	var all []source
	for _, name := range names {
		if cause := checkName(name, units[name], "options.units"); cause != "" {
			return nil, fmt.Errorf("options.quantities = %s: %q: %s", option.Format(names), name, cause)
		}
		all = append(all, newSource(name, units[name]))
	}
	return all, nil
}

// quantitiesOf returns what the sources measure.
func quantitiesOf(sources []source) (all []sensors.Quantity) {
	for _, s := range sources {
		all = append(all, s.Quantity)
	}
	return all
}
