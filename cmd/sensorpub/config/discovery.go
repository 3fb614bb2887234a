package config

import (
	"cmp"
	"strings"
	"time"

	"sensorpub/publisher/discovery"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// leastDiagnostics is the shortest time from one report to the next: each is a
// state of a dozen entities in Home Assistant's database.
const leastDiagnostics = 10 * time.Second

// checkHomeAssistant checks [homeassistant].
func checkHomeAssistant(errs *Errors, p place, h *HomeAssistant) {
	cause := checkTopic(h.Prefix)
	if cause == "" && strings.Contains("/"+h.Prefix+"/", "//") {
		cause = "want a topic without empty levels"
	}
	if cause != "" {
		errs.wrong(p, "prefix", h.Prefix, "%s", cause)
		h.Prefix = defaults().HomeAssistant.Prefix
	}
	if d := h.Diagnostics; d > 0 && d < leastDiagnostics {
		errs.wrong(p, "diagnostics", option.ShortDuration(d), "want %s or more, or \"0s\" for none", option.ShortDuration(leastDiagnostics))
	}
}

// checkArea checks the area of a sensor, which may be a level of its topic.
func checkArea(errs *Errors, s *Sensor) {
	if s.Area != "" && !goodLevel(s.Area) {
		errs.wrong(s.place, "area", s.Area, "want a name without /, +, #, control characters and Unicode non-characters")
	}
}

// checkIdentity fills in the identity of a sensor. Those that are given must
// differ from all others, and with discovery all must.
func checkIdentity(errs *Errors, s *Sensor, probe sensors.Probe, known map[string]*Sensor, discovery bool) {
	if s.Identity != "" && (len(s.Identity) > maxName || strings.ContainsFunc(s.Identity, option.BadInText)) {
		errs.wrong(s.place, "identity", s.Identity, "want at most %d bytes, without control characters and Unicode non-characters", maxName)
	}
	s.Identity = cmp.Or(s.Identity, probe.Identity, s.Name)
	if !s.Enabled || s.Identity == "" {
		return
	}
	other := known[s.Identity]
	if other == nil {
		known[s.Identity] = s
		return
	}
	if discovery || s.place.has("identity") || other.place.has("identity") {
		errs.wrong(s.place, "identity", s.Identity, "already used by sensor %q, want one of its own", other.Name)
	}
}

// claimDiscovery makes sure that nothing else uses the topics by which Home
// Assistant learns of the sensors.
func (k *checker) claimDiscovery(owners map[string]string) {
	if !k.c.HomeAssistant.Discovery || len(k.c.Probes) < len(k.c.Sensors) {
		return // the others have errors already
	}
	n, _ := k.c.Announced("")
	claim := func(topic, owner string) {
		if owners[topic] != "" { // only the availability is known yet
			k.wrong(k.root.below("availability"), "topic", topic, "already used by %s", owner)
		}
		owners[topic] = owner
	}
	claim(k.c.BirthTopic(), "Home Assistant, to say that it has started")
	if d := n.Diagnostics.Topic; d != "" {
		claim(d, "the diagnostics")
	}
	for _, topic := range n.Topics(n.Form) {
		claim(topic, "the discovery")
	}
}

// BirthTopic returns where Home Assistant says that it has started, or "" if
// nothing is announced to it.
func (c *Config) BirthTopic() string {
	if !c.HomeAssistant.Discovery {
		return ""
	}
	return discovery.BirthTopic(c.HomeAssistant.Prefix)
}

// ReportsTopic returns the topic of the node's diagnostics, or "" if there are none.
func (c *Config) ReportsTopic() string {
	if n, on := c.Announced(""); on {
		return n.Diagnostics.Topic
	}
	return ""
}

// Announced returns what this version of sensorpub announces to Home Assistant, and
// whether it announces anything. What this machine has besides its sensors is not
// known here.
func (c *Config) Announced(version string) (discovery.Node, bool) {
	n := discovery.Node{
		Name: c.Node, Version: version, Prefix: c.HomeAssistant.Prefix, Form: c.HomeAssistant.Form,
		Area: c.area(), Availability: c.Availability.Topic,
		Diagnostics: discovery.Diagnostics{Interval: c.HomeAssistant.Diagnostics, Spool: c.Spool.On()},
	}
	if c.HomeAssistant.Diagnostics > 0 {
		n.Diagnostics.Topic = "sensorpub/" + c.Node + "/diagnostics"
	}
	for i, probe := range c.Probes {
		n.Readings = append(n.Readings, c.Sensors[i].announced(probe)...)
	}
	return n, c.HomeAssistant.Discovery
}

// announced returns the readings of a sensor, in the units in which they are
// published.
func (s *Sensor) announced(probe sensors.Probe) (all []discovery.Reading) {
	for _, route := range s.Routes {
		for i, q := range probe.Quantities {
			if q.Name != route.Quantity {
				continue
			}
			q.Unit = cmp.Or(route.Unit, q.Unit)
			filter := probe.Signals[i].Filter
			all = append(all, discovery.Reading{
				Sensor: s.Name, Identity: s.Identity, Quantity: q, Topic: route.Topic, Encoder: route.Encoder, QoS: route.QoS,
				Status: route.Status, Optional: route.Optional, Interval: s.Interval, Deadband: filter.Deadband > 0, Heartbeat: filter.Heartbeat,
			})
		}
	}
	return all
}

// area returns the area of all sensors, or "" if they differ: Home Assistant assigns
// an area to the whole node, with all its entities.
func (c *Config) area() (area string) {
	for i, s := range c.Sensors {
		if i > 0 && s.Area != area {
			return ""
		}
		area = s.Area
	}
	return area
}
