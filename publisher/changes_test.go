package publisher

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Whatever is changed in whatever order, the account balances and in the end
// nothing is left behind.
func TestStormOfReconfigurations(t *testing.T) {
	for seed := range uint64(300) {
		newChanges(t, seed, NewMemoryLog()).run()
		newChanges(t, seed, newPagedLog()).run()
	}
}

// The changes of one storm.
type changes struct {
	*testing.T
	*rand.Rand
	seed      uint64
	clock     *fakeClock
	queue     *Queue
	connected bool
	flying    []Delivery
}

func newChanges(t *testing.T, seed uint64, log Log) *changes {
	c := &changes{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed}
	c.clock = &fakeClock{wall: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), up: time.Minute}
	c.queue = newTestQueue(6, DropOldest, c.mode())
	c.queue.log, c.queue.Clock = log, c.clock.now
	during(c.queue, func() {
		for range c.IntN(3) {
			c.put()
		}
		if c.IntN(20) == 0 {
			c.reconfigure()
		}
	})
	return c
}

func (c *changes) mode() string { return []string{Replay, Latest, History}[c.IntN(3)] }

func (c *changes) sensor() string { return string(rune('a' + c.IntN(4))) }

func (c *changes) put() {
	c.clock.pass(time.Second)
	c.queue.Put(c.Context(), c.clock.reading(c.sensor()))
}

func (c *changes) reconfigure() {
	names := []string{"a", "b", "c", "d"}[c.IntN(3):]
	routes := testRoutes(names[:1+c.IntN(len(names))]...)
	for i := range routes {
		r := &routes[i]
		r.Topic = []string{"x", "y", "z"}[c.IntN(3)] + r.Sensor
		r.Retain, r.ClearStale = c.IntN(4) > 0, c.IntN(2) > 0
		r.Status = []string{"", "s/" + r.Sensor}[c.IntN(2)]
	}
	way := []string{DropOldest, DropNewest}[c.IntN(2)]
	c.queue.Reconfigure(routes, Limits{1 + c.IntN(8), way, c.mode(), time.Duration(c.IntN(2)*c.IntN(40)) * time.Second})
}

func (c *changes) run() {
	for range 200 {
		c.step()
		balanced(c.T, c.queue)
	}
	q := c.queue
	during(q, nil)
	q.Lost()
	c.flying = nil
	q.Connected()
	for {
		d, ok := take(q)
		if ok && d.series == nil {
			q.ackNotice(d)
			continue
		}
		if ok {
			c.flying = append(c.flying, d)
		}
		if len(c.flying) == 0 {
			break
		}
		if len(c.flying) == 16 || !ok {
			q.Ack(c.flying[0])
			c.flying = c.flying[1:]
		}
	}
	if a := q.Account(); a.Queued != 0 || a.Check() != nil || len(q.flights) != 0 {
		c.Fatalf("seed %d: got %v, %d in flight, want nothing left", c.seed, a, len(q.flights))
	}
	q.Reconfigure(testRoutes("a"), Limits{6, DropOldest, Replay, 0})
	if len(q.ordered) != 1 || len(q.series) != 1 {
		c.Fatalf("seed %d: got %d series, want 1", c.seed, len(q.ordered))
	}
}

func (c *changes) step() {
	q := c.queue
	switch c.IntN(16) {
	case 0:
		c.reconfigure()
	case 1:
		if c.connected {
			q.Lost()
		} else {
			q.Connected()
		}
		c.connected, c.flying = !c.connected, nil
	case 2, 3, 4, 5, 6:
		for range 1 + c.IntN(3) {
			c.put()
		}
		q.Live(c.sensor(), "temperature", c.IntN(2) == 0)
	case 7, 8, 9, 10, 11:
		if !c.connected {
			return
		}
		d, ok := q.Next(c.IntN(3) > 0)
		if !ok && q.Load() {
			d, ok = q.Next(true)
		}
		switch {
		case !ok || d.series == nil:
		case c.IntN(30) == 0:
			q.Refuse(d, Encoding)
		default:
			c.flying = append(c.flying, d)
		}
	default:
		n := c.IntN(len(c.flying) + 1)
		ack(q, c.flying[:n])
		c.flying = c.flying[n:]
		q.Commit()
	}
}
