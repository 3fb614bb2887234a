package mqtt

import (
	"errors"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// eventsKept is how many events a Record remembers.
const eventsKept = 16

// A Record counts the connections and losses of a daemon, whose client is
// replaced when its settings change, and remembers the last of them. A nil Record
// does nothing.
type Record struct {
	mu     sync.Mutex
	made   uint64
	losses map[string]uint64
	events []Event
}

// An Event records that a connection was made or lost.
type Event struct {
	Time      time.Time
	Connected bool
	Broker    string    // its URL as it may be shown
	Cause     string    // of a loss
	Acked     time.Time // when the first message of a connection was acknowledged; zero: not yet
}

// GoingBack is the cause of an Event for a connection that was not lost, but left
// for the first broker.
const GoingBack = "going back to the first broker"

// Why connections are lost.
const (
	lostByBroker   = "closed"      // the broker has closed it
	lostNetwork    = "network"     // the system reports an error
	lostKeepAlive  = "keep-alive"  // no answer to PINGREQ
	lostAckTimeout = "ack-timeout" // a message was not acknowledged in time
	lostProtocol   = "protocol"    // what came is not MQTT, or the broker has stopped reading
)

// connected counts a connection.
func (r *Record) connected(s *Session) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made++
	r.remember(Event{Time: s.start, Connected: true, Broker: Display(s.broker)})
	s.conn.inflight.onFirst(func() { r.acked(s.start, time.Now()) })
}

// acked notes the first acknowledgement on the connection that was made at start.
func (r *Record) acked(start, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.events {
		if e := &r.events[i]; e.Connected && e.Time.Equal(start) {
			e.Acked = now
		}
	}
}

// lost counts the loss of a connection.
func (r *Record) lost(s *Session, now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.losses == nil {
		r.losses = make(map[string]uint64)
	}
	r.losses[s.lostBy()]++
	r.remember(Event{Time: now, Broker: Display(s.broker), Cause: cause(s.conn.err())})
}

// left records that a connection was left for a better one, which does not count as a
// loss.
func (r *Record) left(s *Session, now time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remember(Event{Time: now, Broker: Display(s.broker), Cause: GoingBack})
}

func (r *Record) remember(e Event) {
	if len(r.events) == eventsKept {
		r.events = slices.Delete(r.events, 0, 1)
	}
	r.events = append(r.events, e)
}

// fill adds what is recorded to a state.
func (r *Record) fill(s *State) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Connections, s.Losses, s.Events = r.made, maps.Clone(r.losses), slices.Clone(r.events)
}

// lostBy returns why a session that was not left has ended.
func (s *Session) lostBy() string {
	err := s.conn.err()
	var network *net.OpError
	switch {
	case errors.Is(err, ErrAckTimeout):
		return lostAckTimeout
	case errors.Is(err, errClosed):
		return lostByBroker
	case errors.Is(err, errNoPingresp):
		return lostKeepAlive
	case errors.As(err, &network):
		return lostNetwork
	}
	return lostProtocol
}
