package config

import (
	"time"

	"sensorpub/publisher"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// checkSensors makes the probes and the routes of the sensors.
func (k *checker) checkSensors() {
	names := make(map[string]int)
	for i := range k.c.Sensors {
		s := &k.c.Sensors[i]
		p := sensorPlace(i, s.given["name"])
		named := k.checkName(p, s, names, i)
		probe, ok := k.probe(p, s)
		if !ok {
			continue
		}
		k.c.Probes = append(k.c.Probes, probe)
		if named && k.checkSensorTopic(p, s) {
			s.Routes = k.routes(p, s, probe)
			k.c.Routes = append(k.c.Routes, s.Routes...)
		}
	}
	if found, ok := k.doc["sensor"]; ok && len(k.c.Sensors) == 0 {
		if tables, ok := tablesOf(found); ok && len(tables) == 0 {
			k.add("sensor = []: want at least one [[sensor]]")
		}
	}
}

// maxName is the longest name of a sensor in bytes. A reading bears it, and must
// fit a frame of the spool.
const maxName = 255

// checkName tells whether the sensor has a good name that no other has.
func (k *checker) checkName(p place, s *Sensor, names map[string]int, i int) bool {
	found, given := s.given["name"]
	if !given {
		k.add("%s: missing, want a name for the sensor", p.key("name"))
		return false
	}
	if _, ok := found.(string); !ok {
		return false // the decoder has said so
	}
	if len(s.Name) > maxName {
		k.wrong(p, "name", s.Name, "want a name of at most %d bytes", maxName)
		return false
	}
	if !goodLevel(s.Name) {
		k.wrong(p, "name", s.Name, "want a name without /, + and # and control characters")
		return false
	}
	if first, ok := names[s.Name]; ok {
		k.wrong(p, "name", s.Name, "want a name that sensor %d does not have already", first+1)
		return false
	}
	names[s.Name] = i
	return true
}

// probe asks the driver for the sensor's probe.
func (k *checker) probe(p place, s *Sensor) (sensors.Probe, bool) {
	found, given := s.given["driver"]
	if !given {
		k.add("%s: missing, want one of those that sensorpub drivers lists", p.key("driver"))
		return sensors.Probe{}, false
	}
	if _, ok := found.(string); !ok {
		return sensors.Probe{}, false
	}
	d, err := drivers.Lookup(s.Driver)
	if err != nil {
		k.wrong(p, "driver", s.Driver, "%v", err)
		return sensors.Probe{}, false
	}
	probe, errs := d.Configure(drivers.Host{Root: k.c.Root, OneWire: &k.c.OneWire}, s.Name, s.Options)
	for _, err := range errs {
		k.add("%s: %v", p.section, err)
	}
	if len(errs) > 0 {
		k.checkTables(p, s)
		return sensors.Probe{}, false
	}
	probe.Interval = s.Interval
	probe.StaleAfter = s.staleAfter()
	if s.ClearStale && s.StaleAfter == 0 {
		k.wrong(p, "clear_stale", true, "want stale_after too, which says when")
	}
	probe.Signals = k.signals(p, s, probe.Quantities)
	return probe, true
}

// staleAfter is how long a sensor's last reading counts as live: no shorter
// than three intervals, or a single failure would end it.
func (s *Sensor) staleAfter() time.Duration {
	if s.StaleAfter == 0 {
		return 0
	}
	return max(s.StaleAfter, 3*s.Interval)
}

// checkSensorTopic tells whether the sensor's template is good. That of
// [publish] has been checked and reported for all sensors.
func (k *checker) checkSensorTopic(p place, s *Sensor) bool {
	cause := checkTemplate(s.Topic, placeholders...)
	if _, own := s.given["topic"]; own && cause != "" {
		k.wrong(p, "topic", s.Topic, "%s", cause)
	}
	return cause == ""
}

// statusTopic returns the topic of a sensor's own availability, or "" where
// there is none.
func (k *checker) statusTopic(s *Sensor) string {
	if s.StaleAfter == 0 {
		return ""
	}
	return expand(k.c.Availability.SensorTopic, map[string]string{"sensor": s.Name, "node": k.c.Node})
}

// routes returns how each quantity of a sensor is published.
func (k *checker) routes(p place, s *Sensor, probe sensors.Probe) []publisher.Route {
	var routes []publisher.Route
	for i, q := range probe.Quantities {
		topic := expand(s.Topic, map[string]string{
			"quantity": q.Name, "sensor": s.Name, "node": k.c.Node, "driver": s.Driver,
		})
		if cause := checkTopic(topic); cause != "" {
			k.wrong(p, "topic", s.Topic, "gives %s, %s", show("topic", topic), cause)
			continue
		}
		routes = append(routes, publisher.Route{
			Sensor: s.Name, Quantity: q.Name, Topic: topic, Unit: probe.Signals[i].Output(q).Unit,
			Encoder: s.encoder(k.c.Node), History: publisher.JSON{Node: k.c.Node, Precision: s.Precision},
			QoS: byte(s.QoS), Retain: s.Retain, Status: k.statusTopic(s), ClearStale: s.ClearStale,
		})
	}
	return routes
}

// encoder returns what makes payloads of the sensor's readings.
func (s *Sensor) encoder(node string) publisher.Encoder {
	switch s.Encoding {
	case "binary":
		return publisher.Binary{Format: s.BinaryFormat, Precision: s.Precision}
	case "json":
		return publisher.JSON{Node: node, Precision: s.Precision}
	}
	return publisher.Text{Precision: s.Precision}
}
