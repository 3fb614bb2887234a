package main

import (
	"math"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// A route is how the readings of one quantity of one sensor are published.
type route struct {
	Sensor       string
	Driver       string
	Quantity     sensors.Quantity
	Topic        string
	Encoding     string // text, binary or json
	BinaryFormat string // >d, <d, >f or <f
	QoS          byte
	Retain       bool
	Precision    int
	Interval     time.Duration
}

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
		k.c.probes = append(k.c.probes, probe)
		if named && k.checkSensorTopic(p, s) {
			s.routes = k.route(p, s, probe)
			k.c.routes = append(k.c.routes, s.routes...)
		}
	}
	if found, ok := k.doc["sensor"]; ok && len(k.c.Sensors) == 0 {
		if tables, ok := tablesOf(found); ok && len(tables) == 0 {
			k.add("sensor = []: want at least one [[sensor]]")
		}
	}
}

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
	probe, errs := d.Configure(drivers.Host{Root: k.c.root}, s.Name, s.Options)
	for _, err := range errs {
		k.add("%s: %v", p.section, err)
	}
	if len(errs) > 0 {
		return sensors.Probe{}, false
	}
	probe.Interval = s.Interval
	probe.Quantities = slices.Clone(probe.Quantities)
	k.narrow(p, s.Filter, probe.Quantities)
	return probe, true
}

// narrow narrows the plausible range of a sensor's only quantity to the
// filter's. With several quantities it would not be clear which is meant.
func (k *checker) narrow(p place, f Filter, quantities []sensors.Quantity) {
	if f.Min == nil && f.Max == nil {
		return
	}
	p = p.below("filter")
	key, value := "min", f.Min
	if f.Min == nil {
		key, value = "max", f.Max
	}
	if len(quantities) > 1 {
		var names []string
		for _, q := range quantities {
			names = append(names, q.Name)
		}
		k.wrong(p, key, *value, "not possible for a sensor of several quantities (%s)", strings.Join(names, ", "))
		return
	}
	q := &quantities[0]
	low, high := math.Inf(-1), math.Inf(1)
	if f.Min != nil {
		low = *f.Min
	}
	if f.Max != nil {
		high = *f.Max
	}
	narrowed := q.Within(max(q.Min, low), min(q.Max, high))
	if narrowed.Min > narrowed.Max {
		k.wrong(p, key, *value, "lets no value pass, want a range within %v to %v %s", q.Min, q.Max, q.Unit)
		return
	}
	*q = narrowed
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

// route returns how each quantity of a sensor is published.
func (k *checker) route(p place, s *Sensor, probe sensors.Probe) []route {
	var routes []route
	for _, q := range probe.Quantities {
		topic := expand(s.Topic, map[string]string{
			"quantity": q.Name, "sensor": s.Name, "node": k.c.Node, "driver": s.Driver,
		})
		if cause := checkTopic(topic); cause != "" {
			k.wrong(p, "topic", s.Topic, "gives %s, %s", show("topic", topic), cause)
			continue
		}
		routes = append(routes, route{
			s.Name, s.Driver, q, topic, s.Encoding, s.BinaryFormat,
			byte(s.QoS), s.Retain, s.Precision, s.Interval,
		})
	}
	return routes
}
