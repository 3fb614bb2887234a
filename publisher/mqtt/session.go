package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

// A Message is what goes over the wire.
type Message struct {
	Topic   string
	Payload []byte // must not be changed after it was given away
	QoS     byte
	Retain  bool
}

// A Token tells when a message is done: acknowledged if Error is nil.
type Token interface {
	Done() <-chan struct{}
	Error() error
}

// A Session is one connection by one client of the library, from CONNACK to
// its end.
type Session struct {
	client  paho.Client
	conn    *conn
	url     string
	start   time.Time // of the CONNACK
	dropped bool      // by its user, before it ended otherwise
	leave   chan struct{}
}

// Publish sends a message. The token of a QoS 0 message is done when it was
// written, that of QoS 1 at its PUBACK, that of QoS 2 at its PUBCOMP. It must
// not be called after Done.
func (s *Session) Publish(m Message) Token {
	return s.client.Publish(m.Topic, m.QoS, m.Retain, m.Payload)
}

// Done is closed when the connection has ended.
func (s *Session) Done() <-chan struct{} { return s.conn.done }

// Leave is closed when the session should be left for one with a broker that
// is preferred: the next Connect makes it.
func (s *Session) Leave() <-chan struct{} { return s.leave }

// left reports whether Leave is closed.
func (s *Session) left() bool {
	select {
	case <-s.leave:
		return true
	default:
		return false
	}
}

// Drop ends the connection at once, for that cause, and frees what the session
// holds. It may be called again.
func (s *Session) Drop(cause error) {
	s.dropped = s.conn.fail(cause) || s.dropped
	s.client.Disconnect(0) // frees what the library holds
}

// Disconnect sends what is written and a DISCONNECT, so that the broker
// discards the will, and ends the connection.
func (s *Session) Disconnect() {
	s.client.Disconnect(uint(lastWrite / time.Millisecond))
	s.conn.Close()
}

// A noStore keeps nothing: the queue does.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}

var errRefused = errors.New("refused by the broker")

// ErrEnded says that a connection has ended before the work was done.
var ErrEnded = errors.New("connection lost")

// ErrAckTimeout says that a message was not acknowledged in time.
var ErrAckTimeout = errors.New("no acknowledgement in time")

// errOver ends a session of which nothing more is wanted.
var errOver = errors.New("over")

// subscribe asks for the messages of topic filters at QoS 1, all at once, and
// waits for the SUBACK. The handler must not block.
func (s *Session) subscribe(ctx context.Context, handle func(Message), filters ...string) error {
	wanted := make(map[string]byte, len(filters))
	for _, f := range filters {
		wanted[f] = 1
	}
	token := s.client.SubscribeMultiple(wanted, func(_ paho.Client, m paho.Message) {
		handle(Message{m.Topic(), m.Payload(), m.Qos(), m.Retained()})
	}).(*paho.SubscribeToken)
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.Done():
		err = s.conn.err()
	case <-token.Done():
		err = token.Error()
	}
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", filters[0], err)
	}
	for _, f := range filters {
		// 0x80 is a refusal, and 3 and up are reserved (MQTT 3.1.1, section 3.9.3).
		if token.Result()[f] > 2 {
			return fmt.Errorf("subscribe %s: %w", f, errRefused)
		}
	}
	return nil
}

// A Subscriber receives what is published under its filters, and subscribes
// anew after every loss of the connection.
type Subscriber struct {
	Client  *Client
	Filters []string
	Handle  func(Message) // must not block
}

// Run receives until ctx ends, and returns nil then, or until the broker
// refuses a subscription, or the library a filter.
func (s *Subscriber) Run(ctx context.Context) error {
	for {
		c, err := s.Client.Connect(ctx, nil)
		if err != nil {
			return nil // asked to end
		}
		if err := s.receive(ctx, c); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// receive subscribes and waits for the end of the session.
func (s *Subscriber) receive(ctx context.Context, c *Session) error {
	if err := c.subscribe(ctx, s.Handle, s.Filters...); hopeless(err) {
		c.Disconnect()
		return err
	} else if err != nil {
		c.Drop(err)
		return nil
	}
	select {
	case <-ctx.Done():
		c.Disconnect()
	case <-c.Leave():
		c.Disconnect()
	case <-c.Done():
		c.Drop(errOver)
	}
	return nil
}

// hopeless reports whether the error of a subscription would be the same on the
// next connection.
func hopeless(err error) bool {
	return errors.Is(err, errRefused) ||
		errors.Is(err, paho.ErrInvalidTopicEmptyString) || errors.Is(err, paho.ErrInvalidTopicMultilevel)
}

// Clear deletes the retained messages of topics by publishing an empty
// retained payload to each (MQTT 3.1.1, section 3.3.1.3), and tells of each
// that the broker has acknowledged. One that acknowledges what its access list
// forbids cannot be told from one that deletes.
func Clear(ctx context.Context, s *Session, topics []string, cleared func(topic string)) error {
	for _, topic := range topics {
		token := s.Publish(Message{Topic: topic, Payload: []byte{}, QoS: 1, Retain: true})
		select {
		case <-ctx.Done():
			return fmt.Errorf("clear %s: %w", topic, ErrAckTimeout)
		case <-token.Done():
		}
		if err := token.Error(); err != nil {
			if ended := s.conn.err(); ended != nil {
				err = fmt.Errorf("%w: %s", ErrEnded, cause(ended))
			}
			return fmt.Errorf("clear %s: %w", topic, err)
		}
		cleared(topic)
	}
	return nil
}
