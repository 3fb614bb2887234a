package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// A subject is a topic of the configuration and what was found out about it.
type subject struct {
	own      bool          // the daemon's own status
	message  mqtt.Message  // as the daemon publishes it; without a payload nothing true is known to publish
	interval time.Duration // between two messages of the daemon; 0: it publishes changes only

	kept   []byte // what the broker retained before; nil: nothing
	live   bool   // something else has arrived
	closed error  // it cannot be subscribed to
}

// room is added to a JSON payload, as spaces, because the number of a reading
// may grow to 20 digits.
const room = 20

// subjects returns the topics to which the daemon publishes, each once.
func (d *Doctor) subjects() (all []*subject) {
	add := func(m mqtt.Message, interval time.Duration) {
		if !slices.ContainsFunc(all, func(s *subject) bool { return s.message.Topic == m.Topic }) {
			all = append(all, &subject{message: m, interval: interval})
		}
	}
	offline := []byte(publisher.Offline) // true while no daemon is running
	if topic := d.config.Availability.Topic; topic != "" {
		add(mqtt.Message{Topic: topic, Payload: offline, QoS: 1, Retain: true}, 0)
		all[0].own = true
	}
	if n, on := d.config.Announced(""); on {
		if m, ok := n.Trial(); ok {
			add(mqtt.Message(m), 0)
		}
	}
	for _, s := range d.config.Sensors {
		for _, r := range s.Routes {
			if r.Optional && !d.hasRead(r) {
				continue // the device does not have it, as far as is known
			}
			add(mqtt.Message{Topic: r.Topic, Payload: d.payload(r, r.Encoder), QoS: r.QoS, Retain: r.Retain}, s.Interval)
			if r.Status != "" {
				add(mqtt.Message{Topic: r.Status, Payload: offline, QoS: 1, Retain: true}, 0)
			}
			if d.config.Queue.Backlog == publisher.History {
				add(mqtt.Message{Topic: publisher.HistoryTopic(r.Topic), Payload: d.payload(r, r.History), QoS: r.QoS}, 0)
			}
		}
	}
	return all
}

// hasRead reports whether the doctor has just read the quantity of a route.
func (d *Doctor) hasRead(r publisher.Route) bool {
	return slices.ContainsFunc(d.readings[r.Sensor], func(reading sensors.Reading) bool { return reading.Quantity == r.Quantity })
}

// payload encodes the reading that the doctor has just taken, or returns nil if
// there is none.
func (d *Doctor) payload(r publisher.Route, e publisher.Encoder) []byte {
	for _, reading := range d.readings[r.Sensor] {
		if reading.Quantity != r.Quantity {
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
