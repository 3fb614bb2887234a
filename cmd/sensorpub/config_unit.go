package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// checkUnits checks the units of a sensor against its quantities, or those of
// [publish], which are for any.
func (k *checker) checkUnits(p place, units []string, quantities []sensors.Quantity) {
	for i, u := range units {
		like := sensors.Units(u)
		if j := slices.IndexFunc(units[:i], func(v string) bool { return slices.Contains(like, v) }); j >= 0 {
			k.wrong(p, "unit", units, "want either %q or %q", units[j], u)
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
			k.wrong(p, "unit", units, "%q is for no quantity of this sensor, whose units are fixed", u)
			continue
		}
		k.wrong(p, "unit", units, "%q is for no quantity of this sensor, want %s", u, drivers.OneOf(possible))
	}
}

// unitFor returns the one of the units that is for the quantity, or "".
func unitFor(q sensors.Quantity, units []string) string {
	for _, u := range units {
		if slices.Contains(sensors.Units(u), q.Unit) {
			return u
		}
	}
	return ""
}

// staleAfter is how long a sensor's last reading counts as live: no shorter
// than three intervals, or a single failure would end it.
func (s *Sensor) staleAfter() time.Duration {
	if s.StaleAfter == 0 {
		return 0
	}
	return max(s.StaleAfter, 3*s.Interval)
}

// signalText describes what is done to the readings of a sensor besides
// publishing them as they are, for check: "max_step 2, °F".
func (s *Sensor) signalText(p sensors.Probe) string {
	var all []string
	for i, q := range p.Quantities {
		text := strings.Join(steps(p.Signals[i]), ", ")
		if text != "" && len(p.Quantities) > 1 {
			text = q.Name + ": " + text
		}
		if text != "" {
			all = append(all, text)
		}
	}
	if s.ClearStale && s.StaleAfter > 0 {
		all = append(all, "cleared when stale")
	}
	return strings.Join(all, "; ")
}

// steps describes the steps of a signal in their order.
func steps(s sensors.Signal) []string {
	var all []string
	add := func(set bool, format string, args ...any) {
		if set {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	c, f := s.Calibration, s.Filter
	add(len(c.Points) > 0, "%d calibration points", len(c.Points))
	add(c.Gain != 0 && c.Gain != 1, "gain %g", c.Gain)
	add(c.Offset != 0, "offset %g", c.Offset)
	if f.Min != nil {
		add(true, "min %g", *f.Min)
	}
	if f.Max != nil {
		add(true, "max %g", *f.Max)
	}
	add(f.MaxStep > 0, "max_step %g", f.MaxStep)
	add(f.MaxStep > 0 && f.Confirmations > 1, "%d confirmations", f.Confirmations)
	add(f.Median > 1, "median %d", f.Median)
	add(f.EMA > 0, "ema %g", f.EMA)
	add(f.Deadband > 0, "deadband %g", f.Deadband)
	add(f.Heartbeat > 0, "heartbeat %s", drivers.ShortDuration(f.Heartbeat))
	add(s.Unit != "", "in %s", s.Unit)
	return all
}
