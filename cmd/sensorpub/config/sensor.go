package config

import (
	"fmt"
	"strings"
	"time"

	"sensorpub/publisher"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// checkSensors makes the probes and the routes of the sensors.
func (k *checker) checkSensors() {
	names := make(map[string]int)
	var enabled []Sensor
	for i := range k.c.Sensors {
		if k.full() {
			return
		}
		s := &k.c.Sensors[i]
		named := k.checkName(s, names, i)
		probe, ok := k.probe(s)
		if ok && named && k.checkSensorTopic(s) {
			s.Routes = k.routes(s, probe)
		}
		if !s.Enabled {
			k.c.Disabled = append(k.c.Disabled, *s)
			continue
		}
		enabled = append(enabled, *s)
		if ok {
			k.checkSource(s, probe)
			k.c.Probes = append(k.c.Probes, probe)
		}
		k.c.Routes = append(k.c.Routes, s.Routes...)
	}
	if len(enabled) == 0 && len(k.c.Disabled) > 0 {
		k.add(k.c.Disabled[0].place, "enabled", "sensor: none is enabled, want at least one")
	}
	k.c.Sensors = enabled
}

// maxName is the longest name of a sensor in bytes. A reading bears it, and must
// fit a frame of the spool.
const maxName = 255

// checkName reports whether the sensor has a good name. Of those that are
// enabled each has its own.
func (k *checker) checkName(s *Sensor, names map[string]int, i int) bool {
	p := s.place
	if p.lacks("name") {
		k.add(p, "name", "%s: missing, want a name for the sensor", p.key("name"))
		return false
	}
	if !p.has("name") || p.isWrong("name") {
		return false
	}
	if len(s.Name) > maxName {
		k.wrong(p, "name", s.Name, "want a name of at most %d bytes", maxName)
		return false
	}
	if !goodLevel(s.Name) {
		k.wrong(p, "name", s.Name, "want a name without /, + and # and control characters")
		return false
	}
	if !s.Enabled {
		return true // it may stand in for another
	}
	if first, ok := names[s.Name]; ok {
		k.wrong(p, "name", s.Name, "name already used by sensor %d", first+1)
		return false
	}
	names[s.Name] = i
	return true
}

// probe asks the driver for the sensor's probe.
func (k *checker) probe(s *Sensor) (sensors.Probe, bool) {
	p := s.place
	if p.lacks("driver") {
		k.add(p, "driver", "%s: missing, want one of those that sensorpub drivers lists", p.key("driver"))
		return sensors.Probe{}, false
	}
	if !p.has("driver") || p.isWrong("driver") {
		return sensors.Probe{}, false
	}
	d, err := drivers.Lookup(s.Driver)
	if err != nil {
		k.wrong(p, "driver", s.Driver, "%v", err)
		return sensors.Probe{}, false
	}
	probe, errs := d.Configure(drivers.Host{Root: k.c.Root, OneWire: &k.c.OneWire}, s.Name, s.Options)
	for _, err := range errs {
		k.addOption(p, err)
	}
	if len(errs) > 0 {
		k.checkTables(s)
		return sensors.Probe{}, false
	}
	probe.Interval = s.Interval
	k.checkConversion(s, probe)
	probe.StaleAfter = s.staleAfter()
	if s.ClearStale && s.StaleAfter == 0 {
		k.wrong(p, "clear_stale", true, "want stale_after too, which says when")
	}
	probe.Signals = k.signals(s, probe.Quantities)
	return probe, true
}

// addOption adds an error of a driver, which names the option where there is one.
func (k *checker) addOption(p place, err error) {
	options := p.below("options")
	name, ok := strings.CutPrefix(err.Error(), "options.")
	if end := strings.IndexAny(name, " :="); ok && end >= 0 {
		name = name[:end]
	}
	k.addAt(p.file, options.lineOf(name), 0, fmt.Sprintf("%s: %v", p.section, err))
}

// staleAfter is how long a sensor's last reading counts as live: no shorter
// than three intervals, or a single failure would end it.
func (s *Sensor) staleAfter() time.Duration {
	if s.StaleAfter == 0 {
		return 0
	}
	return max(s.StaleAfter, 3*s.Interval)
}

// checkSensorTopic reports whether the sensor's template is good. That of
// [publish] has been checked and reported for all sensors.
func (k *checker) checkSensorTopic(s *Sensor) bool {
	cause := checkTemplate(s.Topic, placeholders...)
	if s.has("topic") && cause != "" {
		k.wrong(s.place, "topic", s.Topic, "%s", cause)
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
func (k *checker) routes(s *Sensor, probe sensors.Probe) []publisher.Route {
	var routes []publisher.Route
	for i, q := range probe.Quantities {
		topic := expand(s.Topic, map[string]string{
			"quantity": q.Name, "sensor": s.Name, "node": k.c.Node, "driver": s.Driver,
		})
		if cause := checkTopic(topic); cause != "" {
			k.wrong(s.place, "topic", s.Topic, "resolves to %s: %s", show("topic", topic), cause)
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
