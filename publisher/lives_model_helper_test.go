package publisher

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
)

// A told is what is known of a reading that was accepted. Its value is its
// place in the order of acceptance, from 1.
type told struct {
	sensor       string
	seq          uint64
	received     bool
	acknowledged bool
	counted      bool // as superseded or dropped
}

// A topic is what a subscriber has seen of one.
type topic struct {
	newest         uint64 // reading that was accepted
	seq            uint64 // its number
	retained, live uint64 // the readings that came last
	least          uint64 // none before it is to be retained
	cut            bool   // a process ended before the newest was sent once more
}

// The lives of some processes, one after the other.
type lives struct {
	*rand.Rand
	fortune
	t      *testing.T
	seed   uint64
	trace  []string // of the last events
	disk   *moodyDisk
	card   string
	files  string // the runtime directory
	boot   int
	booted time.Time

	sensors  []string
	readings []told // by value, less one
	topics   map[string]*topic
	numbered map[string]uint64 // the reading that has a sensor's number
	left     map[uint64]bool   // the readings that wait at the end of a life; nil: it is not known
	lost     int               // readings that may have been lost, in lives of which it is not known which
	blind    bool              // some process could not read all that was left

	life
}

// A life is that of the present process.
type life struct {
	q         *Queue
	spool     *spool.Spool
	partly    bool   // it could not read all that was left
	end       func() // of the spool's worker
	connected bool
	window    []Delivery
	had       map[uint64]bool // the readings that waited at its beginning, or have come since
	acked     map[uint64]bool
}

func newLives(t *testing.T, seed uint64, f fortune) *lives {
	l := &lives{
		Rand: rand.New(rand.NewPCG(seed, 4)), fortune: f, t: t, seed: seed, disk: newMoodyDisk(seed),
		card: "/card", files: "/run", booted: time.Now(),
		topics: make(map[string]*topic), numbered: make(map[string]uint64), left: make(map[uint64]bool),
	}
	long := strings.Repeat("x", 250*l.IntN(2)) // so that there is not room for all
	for i := range 1 + l.IntN(6) {
		name := long + string(rune('a'+i))
		l.sensors, l.topics[name] = append(l.sensors, name), new(topic)
	}
	return l
}

func (l *lives) run() {
	l.begin()
	for range 1 + l.IntN(5) {
		for range 20 + l.IntN(100) {
			l.step()
		}
		l.die()
		l.begin()
	}
	l.finish()
}

// note adds an event to the trace.
func (l *lives) note(format string, args ...any) {
	l.trace = append(l.trace, strings.ReplaceAll(fmt.Sprintf(format, args...), "x", ""))
	l.trace = l.trace[max(0, len(l.trace)-400):]
}

func (l *lives) fatalf(format string, args ...any) {
	l.t.Helper()
	l.note(format, args...)
	l.t.Fatalf("SENSORPUB_SEED=%d\n%s", l.seed, strings.Join(l.trace, "\n"))
}

// clock is that of the machine, which also tells how long it has been up.
func (l *lives) clock() (time.Time, time.Duration) {
	return time.Now(), time.Since(l.booted) + time.Minute
}

func (l *lives) backlog() string {
	n := int(l.seed % 4)
	if l.reloads {
		n = l.IntN(4)
	}
	return []string{Replay, Replay, Latest, History}[n]
}

func (l *lives) capacity() int { return []int{1, 3, 8, 40}[l.IntN(4)] }

func (l *lives) limits() Limits {
	overflow := DropOldest
	if l.fills {
		overflow = DropNewest
	}
	return Limits{l.capacity(), overflow, l.backlog(), 0}
}

// ample is enough for all.
const ample = 1 << 20

func (l *lives) maxBytes() int64 { return []int64{ample, 64 << 10}[l.seed%2] }

// begin starts a process on what the one before has left.
func (l *lives) begin() {
	q := NewQueue(testRoutes(l.sensors...), l.limits())
	q.Clock = l.clock
	sp := &spool.Spool{
		Dir: l.card, RuntimeDir: l.files, MaxBytes: l.maxBytes(), Cache: q.Capacity,
		SpillAfter: time.Duration(l.IntN(4)) * time.Second, FlushInterval: time.Duration(1+l.IntN(5)) * time.Second,
		BootID: fmt.Sprintf("%032x", l.boot+1), Disk: l.disk, Clock: l.clock,
	}
	left, err := sp.Open()
	if err != nil {
		l.fatalf("%v", err)
	}
	st := sp.State()
	partly := len(st.Tmpfs.Unread)+len(st.Disk.Unread) > 0 || st.Tmpfs.Cause != nil || st.Disk.Cause != nil
	l.blind = l.blind || partly
	q.Restore(sp, left)
	ctx, cancel := context.WithCancel(l.t.Context())
	ended := make(chan struct{})
	l.life = life{q: q, spool: sp, partly: partly, had: make(map[uint64]bool), acked: make(map[uint64]bool), end: func() {
		cancel()
		<-ended
	}}
	l.note("begin with %s, capacity %d: %v", q.Backlog, q.Capacity, q.Account())
	if partly {
		l.left = nil
		for _, seen := range l.topics {
			seen.least = 0 // the newest may be what cannot be read
		}
	}
	maps.Copy(l.had, l.left)
	maps.Copy(l.had, l.waiting()) // before any of it is dropped for want of room
	go func() {
		sp.Run(ctx)
		close(ended)
	}()
	l.check()
}

// waiting returns the readings that the spool has.
func (l *lives) waiting() map[uint64]bool {
	all := make(map[uint64]bool)
	for after := uint64(0); ; {
		r, ok, more := l.spool.Next(after)
		switch {
		case ok:
			all[uint64(r.Reading.Value)] = true
			after = r.Position
		case !more || !l.spool.Load(after):
			return all
		}
	}
}

func (l *lives) check() {
	l.t.Helper()
	synctest.Wait()
	if err := l.q.Account().Check(); err != nil {
		l.fatalf("%v", err)
	}
}
