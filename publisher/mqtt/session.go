package mqtt

import (
	"errors"
	"net/url"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
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

// A Session is one connection by one client of the library, from CONNACK to
// its end.
type Session struct {
	client paho.Client
	conn   *conn
	broker *url.URL
	start  time.Time // of the CONNACK
	leave  chan struct{}
}

// Publish sends a message. The token of a QoS 0 message is done when it was
// written, that of QoS 1 at its PUBACK, that of QoS 2 at its PUBCOMP. It must
// not be called after Done.
func (s *Session) Publish(m Message) Token {
	if throughLibrary {
		return s.client.Publish(m.Topic, m.QoS, m.Retain, m.Payload)
	}
	return s.conn.publish(m)
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

// Drop ends the connection immediately, with that cause, and frees what the
// session holds. It may be called more than once.
func (s *Session) Drop(cause error) {
	s.conn.fail(cause)
	s.client.Disconnect(0) // frees what the library holds
}

// Disconnect sends what is written and a DISCONNECT, so that the broker
// discards the will, and ends the connection.
func (s *Session) Disconnect() {
	s.client.Disconnect(uint(lastWrite / time.Millisecond))
	s.conn.Close()
}

// ErrEnded says that a connection has ended before the work was done.
var ErrEnded = errors.New("connection lost")

// ErrAckTimeout says that a message was not acknowledged in time.
var ErrAckTimeout = errors.New("no acknowledgement in time")

// errOver ends a session that is no longer needed.
var errOver = errors.New("over")

// A noStore keeps nothing: the queue does.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
