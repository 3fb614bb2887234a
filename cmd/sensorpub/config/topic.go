package config

import (
	"fmt"
	"slices"
	"strings"

	"sensorpub/publisher"
	"sensorpub/sensors/drivers/option"
)

// placeholders are what may stand in braces in publish.topic.
var placeholders = []string{"quantity", "sensor", "node", "hostname", "driver", "area"}

// checkTemplate returns what is wrong with a topic template, in which only
// these placeholders may appear, or "".
func checkTemplate(template string, known ...string) string {
	rest, cause := checkBraces(template, known...)
	if cause != "" {
		return cause
	}
	return checkTopic(rest)
}

// checkBraces returns a template with an x for each placeholder, and what is
// wrong with its braces, or "".
func checkBraces(template string, known ...string) (rest, cause string) {
	unknown := ""
	rest = replaceBraces(template, func(name string) string {
		if unknown == "" && !slices.Contains(known, name) {
			unknown = "unknown placeholder {" + name + "}, " + suggestPlaceholder(name, known)
		}
		return "x"
	})
	switch {
	case unknown != "":
		return rest, unknown
	case strings.ContainsAny(rest, "{}"):
		return rest, "an unmatched brace, want placeholders such as {" + known[0] + "}"
	}
	return rest, ""
}

func suggestPlaceholder(name string, known []string) string {
	if n := option.Nearest(name, known); n != "" {
		return "did you mean {" + n + "}?"
	}
	last := len(known) - 1
	if last == 0 {
		return "want {" + known[0] + "}"
	}
	return "want {" + strings.Join(known[:last], "}, {") + "} or {" + known[last] + "}"
}

// expand replaces placeholders by their values.
func expand(template string, values map[string]string) string {
	return replaceBraces(template, func(name string) string { return values[name] })
}

// replaceBraces replaces each {name}.
func replaceBraces(text string, by func(name string) string) string {
	var b strings.Builder
	for {
		end := strings.IndexByte(text, '}')
		start := strings.LastIndexByte(text[:max(end, 0)], '{')
		if end < 0 {
			return b.String() + text
		}
		if start >= 0 {
			b.WriteString(text[:start] + by(text[start+1:end]))
		} else {
			b.WriteString(text[:end+1])
		}
		text = text[end+1:]
	}
}

// checkTopic returns why a topic cannot be published to (MQTT 3.1.1, sections
// 1.5.3 and 4.7), or "". Topics that begin with $ belong to the broker.
func checkTopic(t string) string {
	switch {
	case t == "":
		return "want a topic that is not empty"
	case len(t) > maxString:
		return fmt.Sprintf("want a topic of at most %d bytes", maxString)
	case t[0] == '$' || strings.ContainsAny(t, "+#"):
		return "want a topic that does not begin with $ and has no + or # in it"
	case strings.ContainsFunc(t, option.BadInText):
		return "want a topic without control characters and Unicode non-characters, for which brokers close the connection"
	}
	return ""
}

// A claim is a topic and the sensor that publishes to it.
type claim struct {
	place
	topic string
}

// checkTopics makes sure that each topic has one writer. History topics count
// as well, so that backlog can be changed at any time.
func (k *checker) checkTopics() {
	owners := make(map[string]string)
	var claims []claim
	if t := k.c.Availability.Topic; t != "" {
		owners[t] = "the availability"
	}
	k.claimDiscovery(owners)
	for i := range k.c.Sensors {
		k.claimStatus(owners, &k.c.Sensors[i])
	}
	for i := range k.c.Sensors {
		var own []string // clashes within a sensor have an error of their own
		clashes := 0
		for _, r := range k.c.Sensors[i].Routes {
			p := k.c.Sensors[i].place
			template, topic := show("topic", k.c.Sensors[i].Topic), show("topic", r.Topic)
			owner := owners[r.Topic]
			if owner != "" || slices.Contains(own, r.Topic) {
				clashes++
			}
			switch {
			case clashes > 1 && r.Optional: // one for all that the device may have
			case slices.Contains(own, r.Topic):
				k.add(p, "topic", "%s = %s: several quantities go to %s, want {quantity} in it, or one name in quantities", p.key("topic"), template, topic)
			case owner != "":
				k.add(p, "topic", "%s = %s: resolves to %s, already used by %s", p.key("topic"), template, topic, owner)
			}
			own = append(own, r.Topic)
			claims = append(claims, claim{p, r.Topic})
		}
		for _, t := range own {
			if owners[t] == "" {
				owners[t] = k.c.Sensors[i].section
			}
		}
	}
	for _, c := range claims {
		if owner := owners[publisher.HistoryTopic(c.topic)]; owner != "" {
			k.add(c.place, "topic", "%s: topic %s: its history topic %s is already used by %s",
				c.section, show("topic", c.topic), show("topic", publisher.HistoryTopic(c.topic)), owner)
		}
	}
}

// claimStatus makes sure that nothing else uses the topic of a sensor's own
// availability.
func (k *checker) claimStatus(owners map[string]string, s *Sensor) {
	if len(s.Routes) == 0 || s.Routes[0].Status == "" {
		return
	}
	p, topic := k.root.below("availability"), s.Routes[0].Status
	if cause := checkTopic(topic); cause != "" {
		k.wrong(p, "sensor_topic", k.c.Availability.SensorTopic, "resolves to %s: %s", show("topic", topic), cause)
	} else if owner := owners[topic]; owner != "" {
		k.wrong(p, "sensor_topic", k.c.Availability.SensorTopic, "resolves to %s, already used by %s", show("topic", topic), owner)
	}
	owners[topic] = "the availability of " + show("name", s.Name)
}
