package spool

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A life is one process that uses a spool, for two minutes: at first the
// broker is there, then it is not, then it is again. There is a reading each
// second.
type life struct {
	s        *Spool
	appended map[uint64]Record
	settled  map[uint64]bool
	inFlight uint64    // number of the reading whose Append has not returned
	onDisk   intervals // at a moment before the end
	lost     int

	recovered intervals // what waited at the start

	stop func()
	dead func() bool // tells whether the process is no more
}

// lifetime is how many readings there are in a life.
const lifetime = 120

func newLife(s *Spool) *life {
	l := &life{s: s, appended: make(map[uint64]Record), settled: make(map[uint64]bool)}
	l.dead = func() bool { return false }
	s.Clock = testClock(time.Hour)
	s.MaxBytes = 64 << 10 // so that there are many segments
	return l
}

// begin opens the spool and starts its worker.
func (l *life) begin(t *testing.T) {
	t.Helper()
	mustOpen(t, l.s)
	l.recovered = slices.Clone(l.s.waiting)
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
		r := l.s.Append(testReading(from + i))
		p := r.Position
		if l.dead() {
			return
		}
		l.lost += lose(l.s)
		l.appended[p] = r
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
		if !l.dead() && l.s.disk != nil {
			l.s.mu.Lock()
			l.onDisk = l.s.disk.holds()
			l.s.mu.Unlock()
		}
	}
}

// waiting returns the positions that are to be found again.
func (l *life) waiting() intervals {
	var want intervals
	for p := range l.appended {
		if !l.settled[p] {
			want.add(p, p)
		}
	}
	return want
}

// checkTrue checks that what was loaded was appended, as it was.
func (l *life) checkTrue(t *testing.T, records []Record, before intervals, what string) {
	t.Helper()
	checkRecords(t, records)
	for _, r := range records {
		n := number(r.Reading)
		if before.has(r.Position) || n == l.inFlight {
			continue
		}
		want := l.appended[r.Position].Reading
		if r.Reading.Up == 0 {
			want.Up = 0
		}
		if r.Reading != want {
			t.Fatalf("%s: got %+v at %d, want %+v", what, r.Reading, r.Position, want)
		}
	}
}

// lastSeqs returns the last sequence numbers that were given.
func (l *life) lastSeqs() map[Key]uint64 {
	last := make(map[Key]uint64)
	for _, r := range l.appended {
		last[r.key()] = max(last[r.key()], r.Reading.Seq)
	}
	return last
}

// before fills a disk with what a process has left, 30 readings in all, of
// which 20 wait, and returns their positions.
func before(t *testing.T, disk FS, configure func(*Spool)) intervals {
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
	return s.waiting
}

// seqOf returns the last sequence number of a stream, named or not.
func (k *snapshot) seqOf(key Key) uint64 {
	if st := k.streams[key]; st != nil {
		return st.seq
	}
	return k.floor
}
