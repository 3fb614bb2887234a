package publisher

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// TestAnyOrderOfEventsKeepsThePromises drives a queue with random events and
// checks what must hold whatever happens: the account, the bound, and, per
// topic and connection, that what is retained rises, that what is not retained
// rises, and that the last message is the newest.
func TestAnyOrderOfEventsKeepsThePromises(t *testing.T) {
	for seed := range uint64(300) {
		for _, backlog := range []string{Replay, Latest, History} {
			for _, overflow := range []string{DropOldest, DropNewest} {
				storm(t, rand.New(rand.NewPCG(seed, 1)), newTestQueue(8, overflow, backlog))
				q := newTestQueue(8, overflow, backlog)
				q.Spool, _ = openSpool(t, "")
				storm(t, rand.New(rand.NewPCG(seed, 1)), q)
			}
		}
	}
}

// openSpool opens a spool, in memory if dir is "".
func openSpool(t *testing.T, dir string) (*spool.Spool, spool.Recovered) {
	t.Helper()
	s := &spool.Spool{
		RuntimeDir: dir, SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: 1 << 20,
		BootID: "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11", Beat: func() {},
	}
	left, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	return s, left
}

// refill is Queue.Refill, and while the spool is read something happens.
func refill(q *Queue, meanwhile func()) bool {
	after, below, limit := q.beginLoad()
	if limit == 0 {
		return false
	}
	meanwhile()
	records, more := q.Spool.Load(after, below, limit)
	meanwhile()
	q.endLoad(records, !more)
	return len(records) > 0 || !more
}

func storm(t *testing.T, rng *rand.Rand, q *Queue) {
	var window []Delivery
	connected := false
	retained, plain, last, newest := map[string]uint64{}, map[string]uint64{}, map[string]uint64{}, map[string]uint64{}
	acked := map[string]bool{}
	full := false                      // of readings that are to come again in their turn: the order is given up
	turn, turns := map[string]int{}, 0 // when each reading was acknowledged last
	read := func(n int) {
		for range n {
			name := string(rune('a' + rng.IntN(2)))
			before := q.Account()
			put(t, q, name)
			if q.Account().Dropped[Overflow] == before.Dropped[Overflow] || q.Overflow == DropOldest {
				newest[name] = q.streams[key{name, "temperature"}].newest.reading.Seq
			}
		}
	}
	take := func() {
		id := fmt.Sprint(window[0].Reading.Sensor, window[0].Reading.Seq)
		acked[id] = true
		turns++
		turn[id] = turns
		q.Ack(window[0])
		window = window[1:]
	}
	send := func() bool {
		d, ok := q.Next(true)
		for !ok && refill(q, func() { read(rng.IntN(4)) }) {
			d, ok = q.Next(true)
		}
		if !ok {
			return false
		}
		window = append(window, d)
		full = full || q.repeats == maxRepeats
		name, seq := d.Reading.Sensor, d.Reading.Seq
		series := plain
		if d.Retain {
			series = retained
		}
		if seq < series[name] {
			t.Fatalf("%s %s: %s%d after %d", q.Overflow, q.Backlog, name, seq, series[name])
		}
		series[name] = seq
		if !d.History {
			last[name] = seq
		}
		return true
	}
	connect := func() {
		clear(plain)
		clear(retained)
		clear(last)
		q.Connected()
		connected = true
	}
	for range 200 {
		switch n := rng.IntN(10); {
		case n < 4:
			read(1)
		case n < 7 && connected && len(window) < 4:
			send()
		case n < 9 && len(window) > 0:
			take()
		case connected:
			q.Lost()
			window, connected = nil, false
		default:
			connect()
		}
		balanced(t, q)
		full = full || q.owed == q.Capacity
		if n := len(q.waiting); n > 2*(8+4+2+8)+16 {
			t.Fatalf("%d entries are held", n)
		}
	}
	if !connected {
		connect()
	}
	for len(window) > 0 || send() {
		take()
	}
	a := q.Account()
	balanced(t, q)
	if a.Queued != 0 || a.Acknowledged != uint64(len(acked)) {
		t.Fatalf("got %v, want nothing queued and %d acknowledged", a, len(acked))
	}
	if q.Spool != nil && q.Overflow == DropOldest && total(a.Dropped) > 0 {
		t.Fatalf("got %v, want nothing dropped", a)
	}
	for _, name := range slices.Sorted(maps.Keys(newest)) {
		for seq, before := uint64(1), 0; seq <= newest[name] && q.Backlog == Replay && !full; seq++ {
			at := turn[fmt.Sprint(name, seq)]
			if at > 0 && at < before {
				t.Fatalf("%s%d was acknowledged for the last time before an older one", name, seq)
			}
			before = max(at, before)
		}
		if last[name] != newest[name] && retained[name] != newest[name] {
			t.Fatalf("%s ended on %d, want %d", name, last[name], newest[name])
		}
	}
}

// The buses, the worker of the spool, the publisher and those who only look
// are at it at once, and the card is too small for what comes.
func TestAllAtOnceIsInTheAccount(t *testing.T) {
	for _, backlog := range []string{Replay, History, Latest} {
		q := newTestQueue(20, DropOldest, backlog)
		dir := t.TempDir()
		q.Spool = &spool.Spool{
			Dir: filepath.Join(dir, "card"), RuntimeDir: filepath.Join(dir, "run"),
			SpillAfter: time.Millisecond, FlushInterval: time.Millisecond, MaxBytes: 64 << 10,
			BootID: "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11", Lost: q.Lose, Late: q.Claim,
		}
		if _, err := q.Spool.Open(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var buses, worker sync.WaitGroup
		worker.Go(func() { q.Spool.Run(ctx) })
		for name, every := range map[string]int{"a": 1, "b": 300} {
			buses.Go(func() {
				for n := range 3000 {
					if n%every == 0 {
						q.Put(ctx, sensors.Reading{Sensor: name, Quantity: "temperature", Value: 20, Time: time.Now()})
					}
					if n%50 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		read := make(chan struct{})
		go func() {
			buses.Wait()
			close(read)
		}()
		for n, more := 1, true; more; n++ {
			select {
			case <-read:
				more = false
			case <-time.After(10 * time.Millisecond):
			}
			q.Connected()
			var window []Delivery
			for range 10 * n {
				d, ok := q.Next(true)
				if !ok && q.Refill() {
					continue
				}
				if ok {
					window = append(window, d)
				}
				if len(window) > 8 {
					q.Ack(window[0])
					window = window[1:]
				}
				q.Commit()
			}
			balanced(t, q)
			q.Reconfigure(testRoutes("a", "b"), 10+n%10, DropOldest, backlog, 0)
			q.Lost()
		}
		q.Connected()
		deliverAll(q)
		balanced(t, q)
		state := q.Spool.State()
		a := q.Account()
		if n := state.Card.Waiting + state.Runtime.Waiting; n != 0 || a.Queued != 0 || a.Dropped[Damaged] != 0 {
			t.Errorf("%s: got %d waiting in the spool and %v, want nothing left and nothing damaged", backlog, n, a)
		}
		cancel()
		worker.Wait()
		q.Spool.Close()
	}
}
