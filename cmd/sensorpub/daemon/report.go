package daemon

import (
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/discovery"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// report returns what a node says about itself.
func (s Snapshot) report(c *config.Config, host drivers.Host) discovery.Report {
	r := discovery.Report{
		Machine: c.Machine, Queued: s.Account.Queued, Rejected: sensors.Total(s.Account.Rejected), Dropped: sensors.Total(s.Account.Dropped),
		Losses: sensors.Total(s.Broker.Losses), LastReading: make(map[string]time.Time),
	}
	if s.Broker.Connected {
		r.Connected = s.Broker.Since
	}
	if s.Spool != nil {
		r.Spool = discovery.SpoolOK
		if s.SpoolCause() != nil {
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
		if sensor.Absent && len(sensor.Readings) == 0 {
			continue
		}
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
