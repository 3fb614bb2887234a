package config

import (
	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// checkSource compares the probe of a sensor with those of the enabled sensors before
// it: a block that was copied still reads what its original reads.
func checkSource(errs *Errors, s *Sensor, probe sensors.Probe, before []sensors.Probe) {
	for _, p := range before {
		if !p.Same(probe) {
			continue
		}
		key := "options"
		if !s.place.has(key) {
			key = "driver"
		}
		errs.add(s.place, key, "%s: reads the same as sensor %q", s.place.key(key), p.Name)
		return
	}
}

// checkConversion compares the interval of a sensor with the time that its chip takes.
func checkConversion(errs *Errors, s *Sensor, probe sensors.Probe) {
	if s.Interval < probe.Conversion {
		errs.wrong(s.place, "interval", option.ShortDuration(s.Interval), "want %s or more, which the chip takes to measure", option.ShortDuration(probe.Conversion))
	}
}
