package publisher

import (
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Delivery is one message to be sent.
type Delivery struct {
	Reading  sensors.Reading // its time is corrected when it is encoded
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

// message encodes a delivery. If the payload has the time of the reading, correct
// puts that right.
func (d Delivery) message(correct func(sensors.Reading) sensors.Reading) (Message, error) {
	if d.notice != nil {
		return *d.notice, nil
	}
	m, encoder := Message{Topic: d.Route.Topic, QoS: d.Route.QoS, Retain: d.Retain}, d.Route.Encoder
	if d.History {
		m.Topic, encoder = HistoryTopic(d.Route.Topic), d.Route.History
	}
	r := d.Route.Convert(d.Reading)
	if _, timed := encoder.(JSON); timed {
		r = correct(r)
	}
	var err error
	m.Payload, err = encoder.Encode(r)
	return m, err
}

// HistoryTopic is where the backlog of a topic goes with Backlog History.
func HistoryTopic(topic string) string { return "history/" + topic }
