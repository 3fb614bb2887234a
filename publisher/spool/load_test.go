package spool

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLoadGoesThroughTheWaitingInOrder(t *testing.T) {
	t.Parallel()
	s := testSpool(newMemoryFS())
	s.MaxBytes = 128 << 10
	mustOpen(t, s)
	all := appendMany(t, s, 1, 300)
	if err := s.spill(); err != nil {
		t.Fatal(err)
	}
	all = append(all, appendMany(t, s, 301, 900)...) // the first ones are on the card alone now
	for i, p := range all {
		if i%10 == 0 {
			s.Settle(p)
		}
	}
	var got []Record
	after := uint64(0)
	for {
		part := s.load(after, all[850], 7, false)
		if len(part) == 0 {
			break
		}
		got = append(got, part...)
		after = part[len(part)-1].Position
	}
	checkRecords(t, got)
	if len(got) != 850*9/10 || got[0].Position != all[1] || after != all[849] {
		t.Errorf("got %d records, %d to %d", len(got), number(got[0].Reading), number(got[len(got)-1].Reading))
	}
	for i, p := range all {
		if got, want := s.Holds(p), i%10 != 0; got != want {
			t.Fatalf("holds %d: got %t, want %t", i, got, want)
		}
	}
	if s.Holds(all[899]+1) || s.Holds(0) {
		t.Errorf("holds what never was")
	}
}

func TestARecordThatIsDamagedWhileItWaitsIsToldToBeLost(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	s.Dir = ""
	var lost []uint64
	noteLost(s, &lost)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 100)
	for _, f := range memory.files {
		f.data[len(f.data)-150] ^= 1
	}
	records := s.load(0, everything, 50, false)
	records = append(records, s.load(all[49], everything, 50, false)...)
	checkRecords(t, records)
	s.tellLost()
	if len(records) != 99 || !slices.Equal(lost, all[98:99]) {
		t.Errorf("got %d records and %v lost, want 99 and %v", len(records), lost, all[98:99])
	}
	if s.Holds(all[98]) || s.State().Damaged != 1 {
		t.Errorf("got %+v, holds it: %t", s.State(), s.Holds(all[98]))
	}
}

// What was found to be lost at the end is told, too.
func TestWhatIsLostAtTheEndIsTold(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	var lost []uint64
	noteLost(s, &lost)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 100)
	for name, f := range memory.files {
		if strings.HasSuffix(name, segmentSuffix) {
			f.data[len(f.data)-150] ^= 1
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lost, all[98:99]) {
		t.Errorf("got %v lost, want %v", lost, all[98:99])
	}
}

func TestWhatCannotBeReadComesBackOrIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, returns := range map[string]bool{"it comes back": true, "it is given up": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := testSpool(newMemoryFS())
				s.RuntimeDir = ""
				mustOpen(t, s)
				all := appendMany(t, s, 1, 100)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				var broken atomic.Bool
				s = testSpool(&faultyFS{FS: s.Disk, fault: func(_ int, name string) fault {
					if broken.Load() && strings.HasSuffix(name, segmentSuffix) {
						return fails
					}
					return works
				}})
				s.RuntimeDir = ""
				l := newLife(s)
				l.begin(t)
				defer func() { l.stop() }()
				broken.Store(true)
				if got := len(s.load(0, everything, 1000, false)); got != 0 {
					t.Errorf("got %d records of a card that cannot be read", got)
				}
				if records, more := s.Load(0, everything, 1000); len(records) != 0 || !more {
					t.Errorf("got %d records and %t, want none and more", len(records), more)
				}
				if !s.Holds(all[0]) {
					t.Errorf("holds nothing of what may be readable later")
				}
				time.Sleep(5 * time.Minute)
				if len(l.lost) != 0 {
					t.Errorf("got %d given up after 5 minutes", len(l.lost))
				}
				broken.Store(!returns)
				time.Sleep(6 * time.Minute)
				synctest.Wait()
				want := 0
				if returns {
					want = 100
				}
				if got := len(s.load(0, everything, 1000, false)); got != want || len(l.lost) != 100-want {
					t.Errorf("got %d records and %d lost, want %d and %d", got, len(l.lost), want, 100-want)
				}
			})
		})
	}
}

// What is known is kept while a new segment cannot be begun, even if nothing
// waits.
func TestASnapshotIsKeptUntilTheNextIsWritten(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	failing := false
	disk := &faultyFS{FS: memory, fault: func(_ int, name string) fault {
		if failing && strings.HasSuffix(name, segmentSuffix) {
			return tears
		}
		return works
	}}
	s := testSpool(disk)
	s.Dir = ""
	mustOpen(t, s)
	for _, p := range appendMany(t, s, 1, 100) {
		s.Settle(p)
	}
	s.Commit()
	failing = true
	for range 3 {
		s.Settle(s.next - 1)
		appendMany(t, s, 101, 101)
		s.retryRuntime = time.Time{}
		s.healRuntime()
	}
	stop(s)
	s = testSpool(memory)
	s.Dir, s.Clock = "", testClock(time.Hour)
	rec := mustOpen(t, s)
	k := Key{"outside", "temperature"}
	if rec.Seq[k] < 50 || rec.Seq[k] > 52 || number(rec.Newest[k].Reading) != 100 {
		t.Errorf("got seq %d, newest %+v", rec.Seq[k], rec.Newest[k])
	}
}
