package daemon

import (
	"sensorpub/publisher"
	"sensorpub/sensors"
)

// observe makes the daemon keep what only the page shows.
func (d *Daemon) observe() {
	d.queue.Trace()
	d.scheduler.Lateness, d.publisher.Acks = new(sensors.Histogram), new(sensors.Histogram)
}

// An Explanation describes what happened to the last values for a topic, and the
// state of the sensor and the connection.
type Explanation struct {
	Snapshot
	Route     publisher.Route
	Decisions []publisher.Decision // oldest first
}

// Explain returns an explanation, if anything is published to the topic. It is
// empty unless the page is served.
func (d *Daemon) Explain(topic string) (Explanation, bool) {
	decisions, route, found := d.queue.Decisions(topic)
	if !found {
		return Explanation{}, false
	}
	return Explanation{d.Snapshot(), route, decisions}, true
}

// Sensor returns the sensor of a name, if there is one.
func (s Snapshot) Sensor(name string) (Sensor, bool) {
	for _, sensor := range s.Sensors {
		if sensor.Sensor == name {
			return sensor, true
		}
	}
	return Sensor{}, false
}
