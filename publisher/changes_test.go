package publisher

import (
	"math/rand/v2"
	"testing"
	"time"

	"sensorpub/publisher/spool"
)

// Whatever is changed in whatever order, also by a restart, the account
// balances, the gap is what waits in the spool only, and in the end nothing is
// left behind.
func TestStormOfReconfigurations(t *testing.T) {
	for seed := range uint64(300) {
		newChanges(t, seed, "").run()
	}
	for seed := range uint64(60) {
		newChanges(t, seed, t.TempDir()).run()
	}
}

// The changes of one storm.
type changes struct {
	*testing.T
	*rand.Rand
	seed      uint64
	dir       string // of the spool; "": there is none
	clock     *fakeClock
	queue     *Queue
	connected bool
	flying    []Delivery
}

func newChanges(t *testing.T, seed uint64, dir string) *changes {
	c := &changes{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed, dir: dir}
	c.clock = &fakeClock{wall: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), up: time.Minute}
	c.begin()
	return c
}

// begin starts with what the queue before has left.
func (c *changes) begin() {
	c.queue = newTestQueue(6, DropOldest, c.mode())
	c.queue.Clock = c.clock.now
	c.connected, c.flying = false, nil
	if c.dir == "" {
		return
	}
	s := &spool.Spool{
		RuntimeDir: c.dir, SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: 1 << 20,
		BootID: "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11", Lost: c.queue.Lose, Late: c.queue.Claim,
	}
	if c.seed%3 == 0 {
		s.MaxBytes = 4 << 10
	}
	left, err := s.Open()
	if err != nil {
		c.Fatal(err)
	}
	c.queue.Spool = s
	c.queue.Restore(left)
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
	c.queue.Reconfigure(routes, 1+c.IntN(8), way, c.mode(), time.Duration(c.IntN(2)*c.IntN(40))*time.Second)
}

// next takes something to send. While the spool is read for it, others go on.
func (c *changes) next(backlog bool, meanwhile func()) (d Delivery, ok bool) {
	for d, ok = c.queue.Next(backlog); backlog && !ok && refill(c.queue, meanwhile); d, ok = c.queue.Next(backlog) {
	}
	return d, ok
}

func (c *changes) run() {
	for range 200 {
		c.step()
		balanced(c.T, c.queue)
		if c.dir != "" {
			wholeGap(c.T, c.queue)
		}
	}
	q := c.queue
	q.Lost()
	c.flying = nil
	q.Connected()
	for {
		d, ok := c.next(true, func() {})
		if ok && d.entry == nil {
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
	if a := q.Account(); a.Queued != 0 || a.Check() != nil || q.flying != 0 || q.owed != 0 {
		c.Fatalf("seed %d: got %v, %d flying, %d owed, want nothing left", c.seed, a, q.flying, q.owed)
	}
	if q.Spool != nil && q.Spool.State().Runtime.Waiting != 0 {
		c.Fatalf("seed %d: got %d waiting in the spool, want none", c.seed, q.Spool.State().Runtime.Waiting)
	}
	q.Reconfigure(testRoutes("a"), 6, DropOldest, Replay, 0)
	if len(q.ordered) != 1 || len(q.streams) != 1 {
		c.Fatalf("seed %d: got %d streams, want 1", c.seed, len(q.ordered))
	}
	if q.Spool != nil {
		q.Spool.Close()
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
		d, ok := c.next(c.IntN(3) > 0, func() {
			for range c.IntN(3) {
				c.put()
			}
			if c.IntN(20) == 0 {
				c.reconfigure()
			}
		})
		switch {
		case !ok || d.entry == nil:
		case c.IntN(30) == 0:
			q.Refuse(d, Encoding)
		default:
			c.flying = append(c.flying, d)
		}
	case 12:
		if c.dir != "" && c.IntN(4) == 0 {
			q.Spool.Close()
			c.begin()
		}
	default:
		n := c.IntN(len(c.flying) + 1)
		ack(q, c.flying[:n])
		c.flying = c.flying[n:]
		q.Commit()
	}
}
