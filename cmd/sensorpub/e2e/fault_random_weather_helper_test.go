//go:build faults

package e2e

import (
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A weather causes random faults: each part has at most one at a time, with a
// calm in between.
type weather struct {
	t      *testing.T
	random *rand.Rand
	parts  []*part
	count  int // of faults so far
}

// A part fails in one of several ways.
type part struct {
	name       string
	calm, hold time.Duration // at most
	faults     []fault
	now        string // the current fault
	end        func() // ends it; nil: there is none
	next       time.Time
}

// A fault begins, and returns what ends it; nil: it is over at once.
type fault struct {
	name  string
	begin func() (end func())
}

// add adds a part that begins with a calm.
func (w *weather) add(name string, calm, hold time.Duration, faults ...fault) {
	w.parts = append(w.parts, &part{name: name, calm: calm, hold: hold, faults: faults, next: time.Now().Add(w.upTo(calm))})
}

// upTo returns a random duration; short ones are more likely.
func (w *weather) upTo(most time.Duration) time.Duration {
	return time.Duration(w.random.Float64() * w.random.Float64() * float64(most))
}

// tick begins and ends faults that are due.
func (w *weather) tick() {
	for _, p := range w.parts {
		switch {
		case time.Now().Before(p.next):
		case p.end != nil:
			p.end()
			p.end = nil
			p.next = time.Now().Add(w.upTo(p.calm))
		default:
			w.begin(p)
		}
	}
}

func (w *weather) begin(p *part) {
	f := p.faults[w.random.IntN(len(p.faults))]
	w.count++
	p.now, p.end = f.name, f.begin()
	hold := w.upTo(p.hold)
	if p.end == nil {
		hold = w.upTo(p.calm)
	}
	p.next = time.Now().Add(hold)
	w.t.Logf("%s %s: %s, for %v", time.Now().Format("15:04:05.000"), p.name, f.name, hold.Round(time.Millisecond))
}

// clear ends all faults.
func (w *weather) clear() {
	for _, p := range w.parts {
		if p.end != nil {
			p.end()
			p.end = nil
		}
	}
	w.t.Logf("%s all is well again", time.Now().Format("15:04:05.000"))
}

// network adds the faults of a proxy.
func (w *weather) network(p *mqtttest.Proxy) {
	mode := func(name string, begin, end func()) fault {
		return fault{name, func() func() { begin(); return end }}
	}
	w.add("network", 15*time.Second, 15*time.Second,
		mode("packets are lost", p.Blackhole, func() {
			p.Pass()
			if w.random.IntN(2) == 0 {
				p.Reset() // else the connection stays half-open
			}
		}),
		mode("packets are late", p.Stall, p.Pass),
		mode("slow", func() { p.Limit(500 + w.random.IntN(4000)) }, func() { p.Limit(0) }),
		mode("far away", func() { p.Latency(w.upTo(4 * time.Second)) }, func() { p.Latency(0) }),
		mode("cut after some bytes", func() { p.CutAfter(100 + w.random.Int64N(6000)) }, func() { p.CutAfter(0) }),
		fault{"reset", func() func() { p.Reset(); return nil }},
	)
}

// broker adds the faults of a Mosquitto.
func (w *weather) broker(m *mosquitto) {
	w.add("broker", 20*time.Second, 12*time.Second,
		fault{"killed", func() func() { m.kill(); return m.restart }},
		fault{"killed and there again", func() func() { m.kill(); m.restart(); return nil }},
		fault{"stopped", func() func() {
			m.cmd.Process.Signal(syscall.SIGSTOP)
			return func() { m.cmd.Process.Signal(syscall.SIGCONT) }
		}},
	)
}

func (w *weather) oneOf(words ...string) string { return words[w.random.IntN(len(words))] }

// shuffled returns some of the words in random order.
func (w *weather) shuffled(words ...string) []string {
	words = slices.Clone(words)
	w.random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return words[:w.random.IntN(len(words)+1)]
}
