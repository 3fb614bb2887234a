package config

import (
	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// checkSource compares the probe of a sensor with those of the enabled sensors before
// it: a block that was copied still reads what its original reads.
func (k *checker) checkSource(s *Sensor, probe sensors.Probe) {
	for _, p := range k.c.Probes {
		if !p.Same(probe) {
			continue
		}
		key := "options"
		if !s.place.has(key) {
			key = "driver"
		}
		k.add(s.place, key, "%s: reads the same as sensor %q", s.place.key(key), p.Name)
		return
	}
}

// checkConversion compares the interval of a sensor with the time that its chip takes.
func (k *checker) checkConversion(s *Sensor, probe sensors.Probe) {
	if s.Interval < probe.Conversion {
		k.wrong(s.place, "interval", option.ShortDuration(s.Interval), "want %s or more, which the chip takes to measure", option.ShortDuration(probe.Conversion))
	}
}
