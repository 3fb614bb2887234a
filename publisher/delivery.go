package publisher

import (
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Delivery is one message to be sent.
type Delivery struct {
	Reading  sensors.Reading
	Route    *Route
	Retain   bool
	History  bool     // to history/Topic
	Announce bool     // the newest of its topic, or a status, first on this connection
	notice   *Message // to be sent as it is; nil: a reading
	status   *status  // the notice is of this status,
	ended    bool     // and its last
	control  bool     // the message is of Topics
	backlog  bool     // it may not take the last place of the window
	series   *series  // of the reading
	position uint64   // of the reading; 0: a notice
}

// record returns the reading that is delivered, as the log has it.
func (d Delivery) record() spool.Record {
	return spool.Record{Reading: d.Reading, Position: d.position}
}

// message encodes a delivery.
func (d Delivery) message() (Message, error) {
	if d.notice != nil {
		return *d.notice, nil
	}
	r := d.Route.Convert(d.Reading)
	if d.History {
		payload, err := d.Route.History.Encode(r)
		return Message{HistoryTopic(d.Route.Topic), payload, d.Route.QoS, false}, err
	}
	payload, err := d.Route.Encoder.Encode(r)
	return Message{d.Route.Topic, payload, d.Route.QoS, d.Retain}, err
}

// HistoryTopic is where the backlog of a topic goes with Backlog History.
func HistoryTopic(topic string) string { return "history/" + topic }
