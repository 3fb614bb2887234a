package publisher

import (
	"slices"
	"testing"
	"time"
)

// A manual session keeps the messages that it is given until the test
// acknowledges them.
type manual struct {
	Session
	sent []*acknowledgement
}

type acknowledgement struct{ done chan struct{} }

func (a *acknowledgement) Done() <-chan struct{} { return a.done }
func (a *acknowledgement) Error() error          { return nil }

func (m *manual) Publish(Message) Token {
	a := &acknowledgement{make(chan struct{})}
	m.sent = append(m.sent, a)
	return a
}

// acknowledge answers the oldest message that was not answered.
func (m *manual) acknowledge() {
	i := slices.IndexFunc(m.sent, func(a *acknowledgement) bool { return !isClosed(a.done) })
	close(m.sent[i].done)
}

// While a backlog waits, each acknowledgement is followed by a message at once, as a
// broker may hold the next ones back until its packets are acknowledged, and a live
// reading need not wait for one.
func TestTheBacklogLeavesOnePlaceAndNoPause(t *testing.T) {
	q, s := newTestQueue(100, DropOldest, Replay), &manual{}
	for range 50 {
		put(t, q, "a")
	}
	put(t, q, "b")
	q.Connected()
	c := &connection{
		Publisher: &Publisher{Queue: q, Topics: NewTopics(nil, nil), Settings: Settings{Window: 4, AckTimeout: time.Minute}},
		session:   s, online: true,
	}
	sends := func(why string, want int) {
		t.Helper()
		before := len(s.sent)
		c.land()
		c.fill()
		if got := len(s.sent) - before; got != want {
			t.Errorf("%s: got %d messages, want %d", why, got, want)
		}
	}
	sends("the newest of a and b, and the backlog", 4)
	s.acknowledge()
	sends("after one of the newest", 1)
	for range 10 {
		s.acknowledge()
		c.land()
		c.fill()
	}
	sends("with one place left", 0)
	put(t, q, "b")
	sends("for the live reading", 1)
	for range 3 {
		s.acknowledge()
		sends("after one of the backlog before it", 1)
	}
	s.acknowledge()
	sends("after the live one, whose place is free again", 0)
	s.acknowledge()
	sends("after one of the backlog behind it", 1)
}
