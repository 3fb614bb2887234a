package config

import (
	"maps"
	"slices"
	"strings"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// driverOptions returns the options for the driver of a sensor. A driver with an
// option for its quantities gets those of the sensor.
func driverOptions(errs *Errors, s *Sensor, d drivers.Driver) (options map[string]any, ok bool) {
	p := s.place
	for i, name := range s.Quantities {
		if slices.Contains(s.Quantities[:i], name) {
			errs.wrong(p, "quantities", s.Quantities, "%q is listed twice", name)
			return nil, false
		}
	}
	if len(s.Quantities) == 0 || !d.Has("quantities") {
		return s.Options, true
	}
	if twice, given := s.Options["quantities"]; given {
		errs.wrong(p.below("options"), "quantities", twice, "want it left out, because the sensor has quantities = %s", option.Format(s.Quantities))
		return nil, false
	}
	var has []string // all
	if !d.AnyQuantity {
		has = sensors.Names(d.Quantities)
	}
	read, ok := toRead(errs, s, has)
	if !ok {
		return nil, false
	}
	names := make([]any, len(read))
	for i, name := range read {
		names[i] = name
	}
	options = map[string]any{"quantities": names}
	maps.Copy(options, s.Options)
	return options, true
}

// toRead returns which quantities a driver that has these, or any if there are
// none, has to read: those that are to be published and those from which others
// are derived.
func toRead(errs *Errors, s *Sensor, has []string) (read []string, ok bool) {
	lacks := func(name string) bool { return has != nil && !slices.Contains(has, name) }
	var derived []sensors.Derivation
	for _, name := range s.Quantities {
		d, can := sensors.DerivationOf(name)
		switch {
		case can && !slices.Contains(has, name):
			derived = append(derived, d)
		case lacks(name):
			errs.wrong(s.place, "quantities", s.Quantities, "%q is not a quantity of this sensor, %s", name, option.Suggest(name, possible(has)))
			return nil, false
		default:
			read = append(read, name)
		}
	}
	for _, d := range derived {
		needs := sensors.Names(d.Needs)
		if i := slices.IndexFunc(needs, lacks); i >= 0 {
			errs.wrong(s.place, "quantities", s.Quantities, "%q needs %s, this sensor has no %s", d.Quantity.Name, strings.Join(needs, " and "), needs[i])
			return nil, false
		}
		if d.Altitude && !s.has("altitude") {
			errs.wrong(s.place, "quantities", s.Quantities, "%q needs altitude, in metres above sea level", d.Quantity.Name)
			return nil, false
		}
		for _, name := range needs {
			if !slices.Contains(read, name) {
				read = append(read, name)
			}
		}
	}
	return read, true
}

// possible returns what can be published of a sensor that has these quantities.
func possible(has []string) []string {
	all := slices.Clone(has)
	for _, d := range sensors.Derivations {
		lacks := func(q sensors.Quantity) bool { return !slices.Contains(has, q.Name) }
		if !slices.ContainsFunc(d.Needs, lacks) {
			all = append(all, d.Quantity.Name)
		}
	}
	return all
}

// choose limits a probe to the quantities that the sensor is to publish, those
// from which they are derived coming last.
func choose(errs *Errors, s *Sensor, probe sensors.Probe) (sensors.Probe, bool) {
	has := probe.Quantities
	if len(s.Quantities) == 0 {
		return probe, true
	}
	read, ok := toRead(errs, s, sensors.Names(has))
	if !ok {
		return probe, false
	}
	probe.Quantities, probe.Optional, probe.Altitude = nil, false, s.Altitude
	for _, name := range s.Quantities {
		q, own := sensors.Find(has, name)
		if !own {
			d, _ := sensors.DerivationOf(name)
			q = d.Quantity
		}
		probe.Quantities = append(probe.Quantities, q)
		probe.Signals = append(probe.Signals, sensors.Signal{Derived: !own})
	}
	for _, name := range read {
		if !slices.Contains(s.Quantities, name) {
			q, _ := sensors.Find(has, name)
			probe.Quantities = append(probe.Quantities, q)
			probe.Signals = append(probe.Signals, sensors.Signal{Hidden: true})
		}
	}
	return probe, true
}

// checkAltitude refuses an altitude that nothing is derived from.
func checkAltitude(errs *Errors, s *Sensor) {
	needs := func(name string) bool {
		d, _ := sensors.DerivationOf(name)
		return d.Altitude
	}
	if s.Altitude != 0 && !slices.ContainsFunc(s.Quantities, needs) {
		errs.wrong(s.place, "altitude", s.Altitude, "want %q in quantities, without which it has no effect", sensors.SeaLevelPressure.Name)
	}
}
