// Package publisher delivers readings to an MQTT broker and accounts for each of
// them.
//
// A [Queue] accepts readings, keeps their [Account] and decides what goes out
// next. They wait in its [Log], in memory or in a [spool.Spool], which outlives
// the process. The [Publisher] is one goroutine that takes what the queue
// returns, encodes it as its route says and gives the message to a [Session], at
// most Window unacknowledged messages at a time, in order. A [Session] is one
// connection, made by a [Connector]; what it speaks is not known here. Nothing
// below the queue stores or resends anything. docs/delivery.md follows a reading
// through all of this. [Topics] are what the broker retains of the node, and are
// deleted there when they are no longer wanted.
//
// The package knows nothing of chips, buses or the configuration file.
package publisher

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sensorpub/sensors"
)

// beatEvery is the longest sleep of the publisher between two heartbeats.
const beatEvery = 10 * time.Second

// farewell bounds the wait for the acknowledgement of "offline".
const farewell = time.Second

// The payloads of the availability topics.
const (
	Online  = "online"
	Offline = "offline"
)

// A Message is what goes over the wire.
type Message struct {
	Topic   string
	Payload []byte // must not be changed after publishing
	QoS     byte
	Retain  bool
}

// A Token reports when a message is done: acknowledged if Error is nil.
type Token interface {
	Done() <-chan struct{}
	Error() error
}

// A Session is one connection to a broker, from CONNACK to its end.
type Session interface {
	// Publish sends a message. The token of a QoS 0 message is done when it
	// was written, that of QoS 1 at its PUBACK, that of QoS 2 at its PUBCOMP.
	Publish(m Message) Token
	// Subscribe asks for the messages to topics, at QoS 0. The token is done when
	// the broker has answered. handle must not block.
	Subscribe(topics []string, handle func(Message)) Token
	// Done is closed when the connection has ended.
	Done() <-chan struct{}
	// Leave is closed when the session should be left for a better one, which
	// the next Connect makes.
	Leave() <-chan struct{}
	// Drop ends the connection at once, for that cause, and frees what the
	// session holds. It may be called again.
	Drop(cause error)
	// Disconnect sends what is written and a DISCONNECT, so that the broker
	// discards the will, and ends the connection.
	Disconnect()
}

// A Connector makes sessions.
type Connector interface {
	// Connect tries until it succeeds or ctx ends. The broker publishes will,
	// unless it is nil, when the session ends without Disconnect.
	Connect(ctx context.Context, will *Message) (Session, error)
}

// ErrAckTimeout is the cause of dropping a connection on which a message was not
// acknowledged in time.
var ErrAckTimeout = errors.New("no acknowledgement in time")

// errOver ends a session that is no longer needed.
var errOver = errors.New("over")

// A Publisher sends queued readings.
type Publisher struct {
	Settings
	Queue  *Queue
	Topics *Topics // nil: nothing that was removed is deleted
	Log    *slog.Logger
	Beat   func()             // called at least every 10 s while the publisher is alive
	Acks   *sensors.Histogram // of the times from sending to acknowledgement; may be nil

	listener listener

	mu     sync.Mutex
	next   *Settings          // to be taken over
	cancel context.CancelFunc // of the present attempt to connect
}

// Run sends until the queue is closed and empty, its grace is over, or it is
// closed while there is no connection. It ends at once when ctx does.
func (p *Publisher) Run(ctx context.Context) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.Queue.open, cancel)()
	if p.Topics == nil {
		p.Topics = NewTopics(nil, p.Log)
	}
	p.Queue.recall(p.Topics)
	for {
		s, err := p.connect(running)
		if running.Err() != nil && err != nil {
			return nil // asked to stop
		}
		if err != nil {
			continue // the connector was replaced
		}
		c := &connection{Publisher: p, session: s, status: p.Availability, start: time.Now()}
		p.listener.begin(p.Settings)
		p.Queue.Connected()
		stop := c.run(ctx)
		s.Drop(errOver)
		p.Queue.Lost()
		p.Topics.lost()
		if stop {
			return nil
		}
	}
}
