package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// A subject is a topic of the configuration and what was found out about it.
type subject struct {
	own      bool          // the daemon's own status
	message  mqtt.Message  // as the daemon publishes it; without a payload there is nothing true to publish
	interval time.Duration // between two messages of the daemon; 0: it publishes changes only

	kept   []byte // what the broker retained before; nil: nothing
	live   bool   // something else has arrived
	closed error  // it cannot be subscribed to
}

// room is added to a JSON payload, as spaces, because the number of a reading
// may grow to 20 digits.
const room = 20

// subjectsOf returns the topics to which the daemon publishes, each once, with
// what the doctor has just read, by sensor.
func subjectsOf(c *config.Config, readings map[string][]sensors.Reading) (all []*subject) {
	add := func(m mqtt.Message, interval time.Duration) {
		if !slices.ContainsFunc(all, func(s *subject) bool { return s.message.Topic == m.Topic }) {
			all = append(all, &subject{message: m, interval: interval})
		}
	}
	offline := []byte(publisher.Offline) // true while no daemon is running
	if topic := c.Availability.Topic; topic != "" {
		add(mqtt.Message{Topic: topic, Payload: offline, QoS: 1, Retain: true}, 0)
		all[0].own = true
	}
	if n, on := c.Announced(""); on {
		if m, ok := n.Trial(); ok {
			add(mqtt.Message(m), 0)
		}
	}
	for _, s := range c.Sensors {
		for _, r := range s.Routes {
			if r.Optional && !slices.ContainsFunc(readings[r.Sensor], func(read sensors.Reading) bool { return read.Quantity == r.Quantity }) {
				continue // as far as known, the device does not have it
			}
			add(mqtt.Message{Topic: r.Topic, Payload: payload(readings[r.Sensor], r.Quantity, r.Encoder), QoS: r.QoS, Retain: r.Retain}, s.Interval)
			if r.Status != "" {
				add(mqtt.Message{Topic: r.Status, Payload: offline, QoS: 1, Retain: true}, 0)
			}
			if c.Queue.Backlog == publisher.History {
				add(mqtt.Message{Topic: publisher.HistoryTopic(r.Topic), Payload: payload(readings[r.Sensor], r.Quantity, r.History), QoS: r.QoS}, 0)
			}
		}
	}
	return all
}

// payload encodes the reading of a quantity, or returns nil if there is none.
func payload(readings []sensors.Reading, quantity string, e publisher.Encoder) []byte {
	for _, reading := range readings {
		if reading.Quantity != quantity {
			continue
		}
		b, err := e.Encode(reading)
		if err != nil {
			return nil
		}
		if _, ok := e.(publisher.JSON); ok {
			b = append(b, strings.Repeat(" ", room)...)
		}
		return b
	}
	return nil
}

// size is that of the message without its header, in bytes.
func (s *subject) size() int { return len(s.message.Topic) + len(s.message.Payload) }

func (s *subject) String() string { return describe(s.message) }

// describe names a topic and how a message is published to it.
func describe(m mqtt.Message) string {
	how := fmt.Sprintf("QoS %d", m.QoS)
	if m.Retain {
		how += ", retained"
	}
	return fmt.Sprintf("%s (%s, %s)", m.Topic, how, count(len(m.Payload), "byte"))
}
