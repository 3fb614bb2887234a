package publisher

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

// A history is what several runs of a queue with one spool have done.
type history struct {
	*testing.T
	*rand.Rand
	dir       string
	put       map[string]uint64 // the newest sequence number of each sensor
	delivered map[string]bool   // what was acknowledged, by sensor and number
	retained  map[string]uint64 // the newest that was acknowledged with the retain flag

	q         *Queue
	connected bool
	window    []Delivery
}

func TestKillsLoseNothingAndRetainTheNewest(t *testing.T) {
	for seed := range uint64(40) {
		for _, backlog := range []string{Replay, History, Latest} {
			h := &history{
				T: t, Rand: rand.New(rand.NewPCG(seed, 2)), dir: t.TempDir(),
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

// run drives a queue with random events on what the run before has left. It
// ends as kill -9 does, in the middle of anything; the last one delivers all.
func (h *history) run(backlog string, last bool) {
	k := keep(h.T, newTestQueue(8, DropOldest, backlog), "", h.dir)
	h.q, h.connected, h.window = k.Queue, false, nil
	for range h.IntN(60) {
		h.step()
		balanced(h.T, h.q)
	}
	if last {
		h.deliverAll()
	}
	k.kill()
	// What is on the disk goes on elsewhere: the process that has this
	// directory has not given it up.
	next := h.TempDir()
	if err := os.CopyFS(next, os.DirFS(h.dir)); err != nil {
		h.Fatal(err)
	}
	h.dir = next
	if err := k.spool.Close(); err != nil {
		h.Fatal(err)
	}
}

func (h *history) step() {
	switch n := h.IntN(10); {
	case n < 4:
		name := string(rune('a' + h.IntN(2)))
		put(h.T, h.q, name)
		h.put[name] = h.q.series[seriesKey(name, "temperature")].newest.Reading.Seq
	case n < 6 && h.connected && len(h.window) < 4:
		h.send()
	case n < 8 && len(h.window) > 0:
		h.take()
	case n < 9 && h.connected:
		h.q.Lost()
		h.window, h.connected = nil, false
	case !h.connected:
		h.q.Connected()
		h.connected = true
	}
}

func (h *history) send() bool {
	d, ok := take(h.q)
	if !ok {
		return false
	}
	if name := d.Reading.Sensor; d.Announce && d.Reading.Seq != h.put[name] {
		h.Fatalf("%s: %s%d is announced, the newest is %d", h.q.Backlog, name, d.Reading.Seq, h.put[name])
	}
	h.window = append(h.window, d)
	return true
}

func (h *history) take() {
	d := h.window[0]
	h.window = h.window[1:]
	name, n := d.Reading.Sensor, d.Reading.Seq
	if d.Retain && n < h.retained[name] {
		h.Fatalf("%s: %s%d is retained after %d", h.q.Backlog, name, n, h.retained[name])
	}
	if d.Retain {
		h.retained[name] = n
	}
	h.delivered[fmt.Sprint(name, n)] = true
	h.q.Ack(d)
	h.q.Commit()
}

func (h *history) deliverAll() {
	if !h.connected {
		h.q.Connected()
	}
	for len(h.window) > 0 || h.send() {
		h.take()
	}
	if a := h.q.Account(); a.Queued != 0 || a.Dropped[Damaged]+a.Dropped[Overflow] != 0 {
		h.Fatalf("got %v, want nothing queued and nothing lost", a)
	}
}
