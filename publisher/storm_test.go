package publisher

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"sensorpub/sensors"
)

// Whatever happens in whatever order, the account balances, the queue is
// bounded, and, per topic and connection, what is retained rises, what is not
// retained rises, and the last message is the newest.
func TestAnyOrderOfEventsKeepsThePromises(t *testing.T) {
	for seed := range uint64(300) {
		for _, backlog := range []string{Replay, Latest, History} {
			for _, overflow := range []string{DropOldest, DropNewest} {
				for _, log := range []Log{NewMemoryLog(), newPagedLog()} {
					q := newTestQueue(8, overflow, backlog)
					q.log = log
					s := &storm{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), q: q, newest: map[string]uint64{}, acked: map[string]bool{}}
					s.run()
				}
			}
		}
	}
}

// A storm is random events on one queue of the sensors a and b.
type storm struct {
	*testing.T
	*rand.Rand
	q         *Queue
	connected bool
	window    []Delivery
	newest    map[string]uint64 // accepted
	acked     map[string]bool

	// Of the present connection, by sensor: the last number that was retained,
	// that was not, and that was sent at all.
	retained, plain, last map[string]uint64
}

func (s *storm) run() {
	during(s.q, func() { s.read(s.IntN(4)) })
	for range 200 {
		switch n := s.IntN(10); {
		case n < 4:
			s.read(1)
		case n < 7 && s.connected && len(s.window) < 4:
			s.send()
		case n < 9 && len(s.window) > 0:
			s.take()
		case s.connected:
			s.q.Lost()
			s.window, s.connected = nil, false
		default:
			s.connect()
		}
		balanced(s.T, s.q)
		if a, _, bounded := s.bound(); bounded && a > 8+4+2 {
			s.Fatalf("%d readings wait in a queue of 8", a)
		}
	}
	during(s.q, nil)
	if !s.connected {
		s.connect()
	}
	for len(s.window) > 0 || s.send() {
		s.take()
	}
	s.check()
}

func (s *storm) bound() (waiting, live int, bounded bool) {
	_, memory := s.q.log.(*memoryLog)
	return s.q.log.Waiting(), len(s.q.live), memory || s.q.Overflow == DropNewest
}

func (s *storm) read(n int) {
	for range n {
		name := string(rune('a' + s.IntN(2)))
		dropped := s.q.Account().Dropped[Overflow]
		put(s.T, s.q, name)
		if s.q.Account().Dropped[Overflow] == dropped || s.q.Overflow == DropOldest {
			s.newest[name] = s.q.series[seriesKey(name, "temperature")].newest.Reading.Seq
		}
	}
}

func (s *storm) connect() {
	s.retained, s.plain, s.last = map[string]uint64{}, map[string]uint64{}, map[string]uint64{}
	s.q.Connected()
	s.connected = true
}

func (s *storm) send() bool {
	d, ok := take(s.q)
	if !ok {
		return false
	}
	s.window = append(s.window, d)
	name, seq := d.Reading.Sensor, d.Reading.Seq
	sent := s.plain
	if d.Retain {
		sent = s.retained
	}
	if seq < sent[name] {
		s.Fatalf("%s %s: %s%d after %d", s.q.Overflow, s.q.Backlog, name, seq, sent[name])
	}
	sent[name] = seq
	if !d.History {
		s.last[name] = seq
	}
	return true
}

func (s *storm) take() {
	d := s.window[0]
	s.acked[fmt.Sprint(d.Reading.Sensor, d.Reading.Seq)] = true
	s.q.Ack(d)
	s.window = s.window[1:]
}

func (s *storm) check() {
	a := s.q.Account()
	if a.Queued != 0 || a.Acknowledged != uint64(len(s.acked)) {
		s.Fatalf("got %v, want nothing queued and %d acknowledged", a, len(s.acked))
	}
	if _, _, bounded := s.bound(); !bounded && sensors.Total(a.Dropped) > 0 {
		s.Fatalf("got %v, want nothing dropped", a)
	}
	for _, name := range slices.Sorted(maps.Keys(s.newest)) {
		if s.last[name] != s.newest[name] && s.retained[name] != s.newest[name] {
			s.Fatalf("%s ended on %d, want %d", name, s.last[name], s.newest[name])
		}
	}
}
