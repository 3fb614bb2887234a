package spool

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A life is one process that uses a spool, for two minutes: at first the
// broker is there, then it is not, then it is again. There is a reading each
// second.
type life struct {
	s        *Spool
	rec      Recovered
	appended map[uint64]uint64 // number by position
	settled  map[uint64]bool
	inFlight uint64 // number of the reading whose Append has not returned
	onCard   set    // at a moment before the end

	mu   sync.Mutex
	lost map[uint64]bool

	stop func()
	dead func() bool // tells whether the process is no more
}

// lifetime is how many readings there are in a life.
const lifetime = 120

func newLife(s *Spool) *life {
	l := &life{s: s, appended: make(map[uint64]uint64), settled: make(map[uint64]bool), lost: make(map[uint64]bool)}
	l.dead = func() bool { return false }
	s.Clock = testClock(time.Hour)
	s.MaxBytes = 64 << 10 // so that there are many segments
	s.Lost = func() { l.lose(takeLost(s)) }
	return l
}

func (l *life) lose(positions []uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range positions {
		l.lost[p] = true
	}
}

// begin opens the spool and starts its worker.
func (l *life) begin(t *testing.T) {
	t.Helper()
	rec, err := l.s.Open()
	if err != nil {
		t.Fatal(err)
	}
	l.rec = rec
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { l.s.Run(ctx); close(done) }()
	l.stop = func() { cancel(); <-done }
}

// live appends and settles, from the reading numbered from.
func (l *life) live(from uint64) {
	var waiting []uint64
	for i := range uint64(lifetime) {
		if l.dead() {
			return
		}
		l.inFlight = from + i
		p, lost := l.s.Append(testReading(from + i))
		l.lose(lost)
		if l.dead() {
			return
		}
		l.appended[p] = from + i
		l.inFlight = 0
		waiting = append(waiting, p)
		if i < 20 || i > 90 {
			n := min(len(waiting), 3)
			for _, p := range waiting[:n] {
				l.s.Settle(p)
				l.settled[p] = true
			}
			waiting = waiting[n:]
			l.s.Commit()
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if !l.dead() {
			l.s.mu.Lock()
			l.onCard = l.s.card.holds()
			l.s.mu.Unlock()
		}
	}
}

// waiting returns the positions that are to be found again.
func (l *life) waiting() set {
	var want set
	for p := range l.appended {
		if !l.settled[p] && !l.lost[p] {
			want.add(p, p)
		}
	}
	return want
}

// checkTrue checks that what was loaded was appended, as it was.
func (l *life) checkTrue(t *testing.T, records []Record, before set, what string) {
	t.Helper()
	checkRecords(t, records)
	for _, r := range records {
		n := number(r.Reading)
		if before.has(r.Position) || n == l.inFlight {
			continue
		}
		if l.appended[r.Position] != n {
			t.Fatalf("%s: got reading %d at %d, want %d", what, n, r.Position, l.appended[r.Position])
		}
	}
}

// lastSeqs returns the last sequence numbers that were given.
func (l *life) lastSeqs() map[Key]uint64 {
	last := make(map[Key]uint64)
	for _, n := range l.appended {
		r := testReading(n)
		k := Key{r.Sensor, r.Quantity}
		last[k] = max(last[k], r.Seq)
	}
	return last
}

// before fills a disk with what a process has left, 30 readings in all, of
// which 20 wait, and returns their positions.
func before(t *testing.T, disk FS, configure func(*Spool)) set {
	t.Helper()
	s := testSpool(disk)
	configure(s)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 30)
	for _, p := range all[:10] {
		s.Settle(p)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return s.waiting(false)
}
