package config

import (
	"slices"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// checkUnits checks the units of a sensor against its quantities, or those of
// [publish] against all.
func checkUnits(errs *Errors, p place, units []string, quantities []sensors.Quantity) {
	for i, u := range units {
		like := sensors.Units(u)
		if j := slices.IndexFunc(units[:i], func(v string) bool { return slices.Contains(like, v) }); j >= 0 {
			errs.wrong(p, "unit", units, "want either %q or %q", units[j], u)
		}
		fits := func(q sensors.Quantity) bool { return slices.Contains(like, q.Unit) }
		if quantities == nil || slices.ContainsFunc(quantities, fits) {
			continue
		}
		var possible []string
		for _, q := range quantities {
			for _, u := range sensors.Units(q.Unit) {
				if !slices.Contains(possible, u) {
					possible = append(possible, u)
				}
			}
		}
		if len(possible) == 0 {
			errs.wrong(p, "unit", units, "%q applies to no quantity of this sensor, whose units are fixed", u)
			continue
		}
		errs.wrong(p, "unit", units, "%q applies to no quantity of this sensor, want %s", u, option.OneOf(possible))
	}
}

// unitFor returns the unit in which a quantity is published: the one in the list
// that applies to it, or its own.
func unitFor(q sensors.Quantity, units []string) string {
	for _, u := range units {
		if slices.Contains(sensors.Units(u), q.Unit) {
			return u
		}
	}
	return q.Unit
}
