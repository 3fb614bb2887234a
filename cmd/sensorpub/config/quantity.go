package config

import (
	"maps"
	"slices"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// driverOptions returns the options for the driver of a sensor. A driver with an
// option for its quantities gets those of the sensor.
func (k *checker) driverOptions(s *Sensor, d drivers.Driver) (options map[string]any, ok bool) {
	p := s.place
	for i, name := range s.Quantities {
		if slices.Contains(s.Quantities[:i], name) {
			k.wrong(p, "quantities", s.Quantities, "%q is listed twice", name)
			return nil, false
		}
	}
	if len(s.Quantities) == 0 || !d.Has("quantities") {
		return s.Options, true
	}
	if twice, given := s.Options["quantities"]; given {
		k.wrong(p.below("options"), "quantities", twice, "want it left out, because the sensor has quantities = %s", option.Format(s.Quantities))
		return nil, false
	}
	if !d.AnyQuantity && !k.checkQuantities(s, d.Quantities) {
		return nil, false
	}
	names := make([]any, len(s.Quantities))
	for i, name := range s.Quantities {
		names[i] = name
	}
	options = map[string]any{"quantities": names}
	maps.Copy(options, s.Options)
	return options, true
}

// checkQuantities reports whether the sensor has all that it is to publish.
func (k *checker) checkQuantities(s *Sensor, has []sensors.Quantity) bool {
	names := namesOf(has)
	for _, name := range s.Quantities {
		if !slices.Contains(names, name) {
			k.wrong(s.place, "quantities", s.Quantities, "%q is no quantity of this sensor, %s", name, option.Suggest(name, names))
			return false
		}
	}
	return true
}

// choose limits a probe to the quantities that the sensor is to publish.
func (k *checker) choose(s *Sensor, probe sensors.Probe) (sensors.Probe, bool) {
	if len(s.Quantities) == 0 {
		return probe, true
	}
	if !k.checkQuantities(s, probe.Quantities) {
		return probe, false
	}
	var chosen []sensors.Quantity
	for _, name := range s.Quantities {
		chosen = append(chosen, probe.Quantities[slices.Index(namesOf(probe.Quantities), name)])
	}
	probe.Quantities, probe.Optional = chosen, false
	return probe, true
}

func namesOf(quantities []sensors.Quantity) (names []string) {
	for _, q := range quantities {
		names = append(names, q.Name)
	}
	return names
}
