package hatest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Entity is what a user sees.
type Entity struct {
	ID        string // sensor.outside_temperature
	Name      string
	Category  string // "diagnostic", or "" for what is measured
	State     string // "unknown" before the first value
	Unit      string
	Available bool
	Births    int // 1, as long as its history goes back to its beginning
}

func (e Entity) String() string {
	state := e.State
	if !e.Available {
		state = "unavailable"
	}
	return strings.TrimSpace(e.ID + " " + state + " " + e.Unit)
}

// settings are the keys of a component.
type settings map[string]any

func (s settings) text(key string) string {
	t, _ := s[key].(string)
	return t
}

// An entity is a sensor of Home Assistant.
type entity struct {
	topic  string // of its announcement
	config settings

	state    string
	heard    time.Time         // when the last message came to its state topic
	says     map[string]string // what was said last on each topic of its availability
	replayed map[string]bool   // topics of which it is subscribed, and whether the retained message has come
}

func newEntity(topic string) *entity {
	return &entity{topic: topic, state: "unknown", says: make(map[string]string), replayed: make(map[string]bool)}
}

// entries returns what its availability depends on, by topic.
func (e *entity) entries() map[string]settings {
	all := make(map[string]settings)
	list, _ := e.config["availability"].([]any)
	for _, x := range list {
		entry := settings(x.(map[string]any))
		all[entry.text("topic")] = entry
	}
	return all
}

// resubscribe gives up topics that it no longer has, and returns the new ones.
func (e *entity) resubscribe() (topics []string) {
	now := []string{e.config.text("state_topic")}
	for topic := range e.entries() {
		now = append(now, topic)
	}
	for topic := range e.replayed {
		if !slices.Contains(now, topic) {
			delete(e.replayed, topic)
			delete(e.says, topic)
		}
	}
	slices.Sort(now)
	for _, topic := range now {
		if _, already := e.replayed[topic]; !already {
			e.replayed[topic] = false
			topics = append(topics, topic)
		}
	}
	return topics
}

// available reports whether all topics of its availability said so, and its state
// has not expired.
func (e *entity) available(now time.Time) bool {
	for topic, entry := range e.entries() {
		online := entry.text("payload_available")
		if online == "" {
			online = "online"
		}
		if e.says[topic] != online {
			return false
		}
	}
	n, limited := e.config["expire_after"].(json.Number)
	seconds, _ := n.Int64()
	// It counts as expired before the first message, and each message, whatever
	// it says, is a sign of life.
	return !limited || !e.heard.IsZero() && now.Sub(e.heard) < time.Duration(seconds)*time.Second
}

// receive takes a message that may be for this entity. A retained message comes
// once to each subscription.
func (e *entity) receive(topic string, payload []byte, retained bool, now time.Time) error {
	replayed, subscribed := e.replayed[topic]
	if !subscribed || retained && replayed {
		return nil
	}
	e.replayed[topic] = e.replayed[topic] || retained
	if entry, ok := e.entries()[topic]; ok {
		said, err := render(entry.text("value_template"), payload, e.isBinary())
		if err == nil {
			e.says[topic] = said
		}
		return err
	}
	e.heard = now
	if len(payload) == 0 {
		return nil // the state stays
	}
	value, err := render(e.config.text("value_template"), payload, e.isBinary())
	if err != nil {
		return err
	}
	switch value {
	case "":
		return nil
	case "None":
		e.state = "unknown"
		return nil
	}
	if err := e.check(value); err != nil {
		return err
	}
	e.state = value
	return nil
}

func (e *entity) isBinary() bool {
	encoding, there := e.config["encoding"]
	return there && encoding == ""
}

// check returns why a state raises an exception.
func (e *entity) check(value string) error {
	switch class := e.config.text("device_class"); class {
	case "timestamp":
		_, err := time.Parse(time.RFC3339, value)
		return err
	case "enum":
		if options, _ := e.config["options"].([]any); !slices.Contains(options, any(value)) {
			return fmt.Errorf("%q is none of the options %v", value, options)
		}
		return nil
	}
	x, err := strconv.ParseFloat(value, 64)
	if err == nil && (math.IsNaN(x) || math.IsInf(x, 0)) {
		err = fmt.Errorf("%s is not a number", value)
	}
	return err
}
