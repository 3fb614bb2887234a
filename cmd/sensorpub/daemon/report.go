package daemon

import (
	"slices"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/discovery"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// report returns what a node says about itself.
func (s Snapshot) report(c *config.Config, host drivers.Host) discovery.Report {
	r := discovery.Report{
		Queued: s.Account.Queued, Rejected: total(s.Account.Rejected), Dropped: total(s.Account.Dropped),
		Losses: total(s.Broker.Losses), LastReading: make(map[string]time.Time),
	}
	if s.Broker.Connected {
		r.Connected = s.Broker.Since
	}
	if s.Spool != nil {
		r.Spool = discovery.SpoolOK
		if slices.ContainsFunc(s.stores(), func(t spool.StoreState) bool { return t.Cause != nil }) {
			r.Spool = discovery.SpoolFailing
		}
	}
	if supply, known := host.Supply(); known {
		r.UnderVoltage = &supply.Low
	}
	identities := make(map[string]string)
	for _, sensor := range c.Sensors {
		identities[sensor.Name] = sensor.Identity
	}
	for _, sensor := range s.Sensors {
		last := sensor.Good
		for _, n := range sensor.Readings {
			if n.Reading.Time.After(last) {
				last = n.Reading.Time
			}
		}
		if last.Before(sensors.Epoch) {
			last = time.Time{} // the clock was not set
		}
		if identity := identities[sensor.Sensor]; identity != "" { // else it was just removed
			r.LastReading[identity] = last
		}
	}
	return r
}

// total adds up what is counted by its reason.
func total[R ~string](by map[R]uint64) (n uint64) {
	for _, v := range by {
		n += v
	}
	return n
}
