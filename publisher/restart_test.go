package publisher

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"sensorpub/publisher/spool"
)

// A history is what several runs of a queue with one spool have done.
type history struct {
	t         *testing.T
	rng       *rand.Rand
	dir       string
	put       map[string]uint64 // the newest sequence number of each sensor
	delivered map[string]bool   // what was acknowledged, by sensor and number
	retained  map[string]uint64 // the newest that was acknowledged with the retain flag
	messages  int
}

// run drives a queue with random events on what the run before has left. It
// ends as kill -9 does, in the middle of anything; the last one delivers all.
func (h *history) run(backlog string, last bool) {
	t := h.t
	q := newTestQueue(8, DropOldest, backlog)
	s, left := openSpool(t, h.dir)
	q.Spool = s
	q.Restore(left)
	balanced(t, q)
	var window []Delivery
	connected := false
	send := func() bool {
		d, ok := q.Next(true)
		for !ok && q.Refill() {
			d, ok = q.Next(true)
		}
		if !ok {
			return false
		}
		if name := d.Reading.Sensor; d.Announce && d.Reading.Seq != h.put[name] {
			t.Fatalf("%s: %s%d is announced, the newest is %d", backlog, name, d.Reading.Seq, h.put[name])
		}
		window = append(window, d)
		return true
	}
	take := func() {
		d := window[0]
		window = window[1:]
		name, n := d.Reading.Sensor, d.Reading.Seq
		if d.Retain && n < h.retained[name] {
			t.Fatalf("%s: %s%d is retained after %d", backlog, name, n, h.retained[name])
		}
		if d.Retain {
			h.retained[name] = n
		}
		h.delivered[fmt.Sprint(name, n)] = true
		h.messages++
		q.Ack(d)
		q.Commit()
	}
	for range h.rng.IntN(60) {
		switch n := h.rng.IntN(10); {
		case n < 4:
			name := string(rune('a' + h.rng.IntN(2)))
			put(t, q, name)
			h.put[name] = q.streams[key{name, "temperature"}].seq
		case n < 6 && connected && len(window) < 4:
			send()
		case n < 8 && len(window) > 0:
			take()
		case n < 9 && connected:
			q.Lost()
			window, connected = nil, false
		case !connected:
			q.Connected()
			connected = true
		}
		balanced(t, q)
	}
	if last {
		if !connected {
			q.Connected()
		}
		for len(window) > 0 || send() {
			take()
		}
		if a := q.Account(); a.Queued != 0 || a.Dropped[Damaged]+a.Dropped[Overflow] != 0 {
			t.Fatalf("got %v, want nothing queued and nothing lost", a)
		}
	}
	// What is on the disk goes on elsewhere: the process that has this
	// directory has not given it up.
	next := t.TempDir()
	if err := os.CopyFS(next, os.DirFS(h.dir)); err != nil {
		t.Fatal(err)
	}
	h.dir = next
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestKillsLoseNothingAndRetainTheNewest(t *testing.T) {
	for seed := range uint64(40) {
		for _, backlog := range []string{Replay, History, Latest} {
			h := &history{
				t: t, rng: rand.New(rand.NewPCG(seed, 2)), dir: t.TempDir(),
				put: make(map[string]uint64), delivered: make(map[string]bool), retained: make(map[string]uint64),
			}
			for run := range 8 {
				h.run(backlog, run == 7)
			}
			for name, newest := range h.put {
				for n := uint64(1); n <= newest && backlog != Latest; n++ {
					if !h.delivered[fmt.Sprint(name, n)] {
						t.Fatalf("seed %d, %s: %s%d of %d was not delivered", seed, backlog, name, n, newest)
					}
				}
				if newest > 0 && h.retained[name] != newest {
					t.Fatalf("seed %d, %s: %s%d is retained, want %d", seed, backlog, name, h.retained[name], newest)
				}
			}
		}
	}
}

// All of it is sent before anything is acknowledged: what comes before the last
// reading of a in the spool may have been of b, and was not.
func TestWhatIsAcknowledgedDoesNotComeAgain(t *testing.T) {
	dir := t.TempDir()
	q := newTestQueue(8, DropOldest, Replay)
	q.Spool, _ = openSpool(t, dir)
	put(t, q, "a", "a", "a", "a", "b")
	q.Spool.Close()
	q = newTestQueue(8, DropOldest, Replay)
	s, left := openSpool(t, dir)
	q.Spool = s
	q.Restore(left)
	q.Connected()
	ack(q, takeAll(q))
	balanced(t, q)
	if n := s.State().Runtime.Waiting; q.owed != 0 || n != 0 {
		t.Errorf("got %d owed and %d waiting in the spool, want none", q.owed, n)
	}
	q.Commit()
	s.Close()
	s, left = openSpool(t, dir)
	if left.Waiting != 0 {
		t.Errorf("got %d that come again, want none", left.Waiting)
	}
	s.Close()
}

// After a restart the spool has less room than before.
func TestWhatTheSpoolDropsAtTheStartIsInTheAccount(t *testing.T) {
	dir := t.TempDir()
	open := func(size int64) *Queue {
		t.Helper()
		q := newTestQueue(4, DropOldest, Replay)
		q.Spool = &spool.Spool{RuntimeDir: dir, SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: size}
		left, err := q.Spool.Open()
		if err != nil {
			t.Fatal(err)
		}
		q.Restore(left)
		return q
	}
	q := open(256 << 10)
	for range 2000 {
		put(t, q, "a")
	}
	q.Spool.Close()
	q = open(64 << 10)
	balanced(t, q)
	wholeGap(t, q)
	if a := q.Account(); a.Read != 2000 || a.Dropped[Overflow] == 0 {
		t.Errorf("got %v, want 2000 read and some of them dropped", a)
	}
	q.Spool.Close()
}
