package config

import (
	"fmt"
	"strings"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/discovery"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// checkSensors makes the probes and routes of the sensors.
func (k *checker) checkSensors() {
	names, identities := make(map[string]int), make(map[string]*Sensor)
	var enabled []Sensor
	for i := range k.c.Sensors {
		if k.full() {
			return
		}
		s := &k.c.Sensors[i]
		named := checkName(&k.Errors, s, names, i)
		probe, ok := k.probe(s)
		if !ok {
			checkTables(&k.Errors, s)
		}
		checkArea(&k.Errors, s)
		checkIdentity(&k.Errors, s, probe, identities, k.c.HomeAssistant.Discovery)
		if ok && named && checkSensorTopic(&k.Errors, s) {
			s.Routes = k.routes(s, probe)
		}
		if !s.Enabled {
			k.c.Disabled = append(k.c.Disabled, *s)
			continue
		}
		enabled = append(enabled, *s)
		if ok {
			checkSource(&k.Errors, s, probe, k.c.Probes)
			k.c.Probes = append(k.c.Probes, probe)
		}
		k.c.Routes = append(k.c.Routes, s.Routes...)
	}
	if len(enabled) == 0 && len(k.c.Disabled) > 0 {
		k.add(k.c.Disabled[0].place, "enabled", "sensor: all are disabled, want at least one enabled")
	}
	k.c.Sensors = enabled
}

// maxName is the longest name of a sensor in bytes: each record of the spool
// contains it.
const maxName = 255

// checkName reports whether the sensor has a valid name. Enabled sensors must
// have different names.
func checkName(errs *Errors, s *Sensor, names map[string]int, i int) bool {
	p := s.place
	if p.lacks("name") {
		errs.add(p, "name", "%s: missing, want a name for the sensor", p.key("name"))
		return false
	}
	if !p.has("name") || p.isWrong("name") {
		return false
	}
	if len(s.Name) > maxName {
		errs.wrong(p, "name", s.Name, "want a name of at most %d bytes", maxName)
		return false
	}
	if !goodLevel(s.Name) {
		errs.wrong(p, "name", s.Name, "want a name without /, +, #, control characters and Unicode non-characters")
		return false
	}
	if !s.Enabled {
		return true // it may be an alternative to another
	}
	if first, ok := names[s.Name]; ok {
		errs.wrong(p, "name", s.Name, "name already used by sensor %d", first+1)
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
	options, ok := driverOptions(&k.Errors, s, d)
	if !ok {
		return sensors.Probe{}, false
	}
	probe, errs := d.Configure(drivers.Host{Root: k.c.Root, OneWire: &k.c.OneWire}, s.Name, options)
	for _, err := range errs {
		addOption(&k.Errors, s, err)
	}
	if len(errs) > 0 {
		return sensors.Probe{}, false
	}
	if probe, ok = choose(&k.Errors, s, probe); !ok {
		return sensors.Probe{}, false
	}
	probe.Interval, probe.IfPresent = s.Interval, s.IfPresent
	checkConversion(&k.Errors, s, probe)
	probe.StaleAfter = k.staleAfter(s)
	if s.ClearStale && s.StaleAfter == 0 {
		k.wrong(p, "clear_stale", true, "want stale_after too, which says when")
	}
	checkAltitude(&k.Errors, s)
	probe.Signals = signalsOf(&k.Errors, s, probe, k.c.defaultSensor().Calibration)
	return probe, true
}

// addOption records an error of a driver, on the line of the option that it is
// about, or of the sensor's quantities if the option comes from them.
func addOption(errs *Errors, s *Sensor, err error) {
	p, text := s.below("options"), err.Error()
	rest, ok := strings.CutPrefix(text, "options.")
	name := rest
	if end := strings.IndexAny(name, " :="); ok && end >= 0 {
		name = name[:end]
	}
	if name == "quantities" && len(s.Quantities) > 0 {
		p, text = s.place, rest
	}
	errs.addAt(p.file, p.lineOf(name), 0, fmt.Sprintf("%s: %s", p.section, text))
}

// staleAfter returns how long a sensor's last reading counts as live, or 0 for
// ever: at least three intervals, so that a single failure does not end it. Home
// Assistant needs to know of every sensor whether it is live.
func (k *checker) staleAfter(s *Sensor) time.Duration {
	switch {
	case s.StaleAfter > 0:
		return max(s.StaleAfter, 3*s.Interval)
	case k.c.HomeAssistant.Discovery:
		return discovery.LiveFor(s.Interval)
	}
	return 0
}

// checkSensorTopic reports whether the sensor's topic template is valid. The
// one of [publish] has been checked already.
func checkSensorTopic(errs *Errors, s *Sensor) bool {
	cause := checkTemplate(s.Topic, placeholders...)
	if s.has("topic") && cause != "" {
		errs.wrong(s.place, "topic", s.Topic, "%s", cause)
	}
	if cause == "" && s.Area == "" && strings.Contains(s.Topic, "{area}") {
		cause = "want area to be set, which is in its topic"
		errs.wrong(s.place, "topic", s.Topic, "%s", cause)
	}
	return cause == ""
}

// statusTopic returns the topic of a sensor's own availability, or "".
func (k *checker) statusTopic(s *Sensor) string {
	if k.staleAfter(s) == 0 {
		return ""
	}
	return expand(k.c.Availability.SensorTopic, map[string]string{"sensor": s.Name, "node": k.c.Node, "hostname": k.host})
}

// routes returns how each quantity of a sensor is published.
func (k *checker) routes(s *Sensor, probe sensors.Probe) []publisher.Route {
	topicOf := func(quantity string) string {
		return expand(s.Topic, map[string]string{
			"quantity": quantity, "sensor": s.Name, "node": k.c.Node, "hostname": k.host, "driver": s.Driver, "area": s.Area,
		})
	}
	s.Optional, s.Pattern = probe.Optional, topicOf("{quantity}")
	var routes []publisher.Route
	for i, q := range probe.Quantities {
		if probe.Signals[i].Hidden {
			continue
		}
		topic := topicOf(q.Name)
		if cause := checkTopic(topic); cause != "" {
			k.wrong(s.place, "topic", s.Topic, "resolves to %s: %s", show("topic", topic), cause)
			continue
		}
		routes = append(routes, publisher.Route{
			Sensor: s.Name, Quantity: q.Name, Topic: topic, Unit: unitFor(q, s.Unit),
			Encoder: s.encoder(k.c.Node), History: publisher.JSON{Node: k.c.Node, Precision: s.Precision},
			QoS: byte(s.QoS), Retain: s.Retain, Optional: probe.Optional || s.IfPresent, Status: k.statusTopic(s), ClearStale: s.ClearStale,
			IfPresent: s.IfPresent && k.c.Spool.Dir != "",
		})
	}
	return routes
}

// Topics returns the topics of the sensor's readings or, if it depends on the
// device which of them there are, the one pattern of all.
func (s *Sensor) Topics() (topics []string) {
	if s.Optional {
		return []string{s.Pattern}
	}
	for _, r := range s.Routes {
		topics = append(topics, r.Topic)
	}
	return topics
}

// encoder returns the encoder for the sensor's readings.
func (s *Sensor) encoder(node string) publisher.Encoder {
	switch s.Encoding {
	case "binary":
		return publisher.Binary{Format: s.BinaryFormat, Precision: s.Precision}
	case "json":
		return publisher.JSON{Node: node, Precision: s.Precision}
	}
	return publisher.Text{Precision: s.Precision}
}
