package mqtttest

import (
	"fmt"
	"sort"
	"strings"
)

// store holds the retained messages by topic.
type store map[string]Message

// keep does what the retain flag of a new message asks for: keep the message,
// or with an empty payload forget the topic.
func (s *store) keep(m Message) {
	switch {
	case !m.Retain:
	case len(m.Payload) == 0:
		delete(*s, m.Topic)
	default:
		if *s == nil {
			*s = make(store)
		}
		(*s)[m.Topic] = m
	}
}

// matching returns the retained messages that a filter selects, sorted by topic.
func (s store) matching(filter string) []Message {
	var found []Message
	for topic, m := range s {
		if matches(filter, topic) {
			found = append(found, m)
		}
	}
	sort.Slice(found, func(i, k int) bool { return found[i].Topic < found[k].Topic })
	return found
}

// matches reports whether a topic filter selects a topic (MQTT 3.1.1, 4.7).
func matches(filter, topic string) bool {
	if strings.HasPrefix(topic, "$") && (filter[0] == '+' || filter[0] == '#') {
		return false
	}
	levels := strings.Split(topic, "/")
	for i, part := range strings.Split(filter, "/") {
		switch {
		case part == "#":
			return true
		case i == len(levels):
			return false
		case part != "+" && part != levels[i]:
			return false
		}
	}
	return strings.Count(filter, "/") == strings.Count(topic, "/")
}

// checkTopic checks the topic of a message.
func checkTopic(topic string) error {
	if topic == "" {
		return malformed("topic is empty")
	}
	if strings.ContainsAny(topic, "+#") {
		return malformed(fmt.Sprintf("topic %q contains a wildcard", topic))
	}
	return nil
}

// checkFilter checks a topic filter.
func checkFilter(filter string) error {
	if filter == "" {
		return malformed("topic filter is empty")
	}
	parts := strings.Split(filter, "/")
	for i, part := range parts {
		alone := len(part) <= 1 || !strings.ContainsAny(part, "+#")
		if !alone || part == "#" && i < len(parts)-1 {
			return malformed(fmt.Sprintf("topic filter %q has a wildcard out of place", filter))
		}
	}
	return nil
}
