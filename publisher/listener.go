package publisher

import (
	"context"
	"log/slog"
	"time"

	"sensorpub/sensors"
)

// A listener hears what others say on the node's own status topic and on the
// birth topic.
type listener struct {
	deaf       bool      // the broker closes the connection at a subscription
	restored   time.Time // when the status was last restored
	overwrites sensors.Streak

	// Of the present connection:
	status, birth string // topics; "": none
	subscription  Token  // nil: none was asked for
	arrived       chan Message
	overwritten   bool // the status is not "online"
}

// restoreEvery is the least time between two restorations of the status, so that
// two machines with the same node name do not fight.
const restoreEvery = 10 * time.Second

// begin begins a connection.
func (l *listener) begin(status, birth string) {
	l.status, l.birth, l.subscription, l.arrived, l.overwritten = status, birth, nil, nil, false
}

// listen subscribes, once on each connection. As some brokers close the
// connection at a subscription that they refuse, it has to be sound before: then
// it shows.
func (l *listener) listen(s Session) {
	if l.deaf || l.subscription != nil {
		return
	}
	var topics []string
	for _, topic := range []string{l.status, l.birth} {
		if topic != "" {
			topics = append(topics, topic)
		}
	}
	if len(topics) == 0 {
		return
	}
	arrived := make(chan Message, 8)
	l.arrived = arrived
	l.subscription = s.Subscribe(topics, func(m Message) {
		select {
		case arrived <- m:
		default: // a flood
		}
	})
}

// ended draws the conclusion from the end of a connection on which a subscription
// was not answered.
func (l *listener) ended(log *slog.Logger) {
	if l.subscription == nil || isClosed(l.subscription.Done()) && l.subscription.Error() == nil {
		return
	}
	l.deaf = true
	log.Warn("the connection ended at a subscription, so there will be no other until the next start",
		"topic", l.status, "effect", "nothing is done if another machine overwrites the status of this node")
}

// hear takes a message, and reports whether it is of a birth. One that is
// retained is old.
func (l *listener) hear(m Message) (birth bool) {
	online := string(m.Payload) == Online
	if m.Topic == l.status {
		l.overwritten = !online
		return false
	}
	return m.Topic == l.birth && online && !m.Retain
}

// restore reports whether "online" is to be published again, as another client
// has overwritten it, and logs that.
func (l *listener) restore(log *slog.Logger) bool {
	now := time.Now()
	if !l.overwritten || now.Before(l.restoreAt()) {
		return false
	}
	l.overwritten, l.restored = false, now
	l.overwrites.Begin(now)
	l.overwrites.End(now)
	log.Log(context.Background(), l.overwrites.Level(slog.LevelWarn),
		"another client has overwritten the status of this node: it is published again", l.overwrites.Args(
			"topic", l.status, "hint", "each machine needs a node name of its own")...)
	return true
}

// restoreAt is when the status may be restored; zero if it need not be.
func (l *listener) restoreAt() time.Time {
	if !l.overwritten {
		return time.Time{}
	}
	return l.restored.Add(restoreEvery)
}
