package spool

import (
	"fmt"
	"testing"
	"time"
)

// checkOldest checks that lost are the readings from first on, in order.
func checkOldest(t *testing.T, lost []uint64, first uint64) {
	t.Helper()
	for i, p := range lost {
		if want := first + uint64(i); p != want {
			t.Fatalf("lost no. %d: got position %d, want %d", i, p, want)
		}
	}
}

func (m *memoryFS) size(t *testing.T) (size int64) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		size += int64(len(f.data))
	}
	return size
}

// checkNewest checks that the last n of readings up to last can be loaded, and
// nothing else.
func checkNewest(t *testing.T, s *Spool, last, n uint64) {
	t.Helper()
	records := s.load(0, everything, 1<<20, false)
	checkRecords(t, records)
	if uint64(len(records)) != n || number(records[0].Reading) != last-n+1 || number(records[n-1].Reading) != last {
		t.Fatalf("got %d records, %d to %d, want the %d up to %d", len(records),
			number(records[0].Reading), number(records[len(records)-1].Reading), n, last)
	}
}

func TestTheRuntimeTierKeepsTheNewestWithinMaxBytes(t *testing.T) {
	t.Parallel()
	const all = 200_000
	for _, size := range []int64{64 << 10, 1 << 20} {
		for _, dir := range []string{"/run", ""} {
			t.Run(fmt.Sprintf("%d bytes, dir %q", size, dir), func(t *testing.T) {
				t.Parallel()
				disk := newMemoryFS()
				s := testSpool(disk)
				s.Dir, s.RuntimeDir, s.MaxBytes = "", dir, size
				mustOpen(t, s)
				if dir == "" {
					disk = s.memory.disk.(*memoryFS)
				}
				first := s.next
				var lost []uint64
				for n := uint64(1); n <= all; n++ {
					_, l := s.Append(testReading(n))
					lost = append(lost, l...)
					if n%100 != 0 {
						continue
					}
					if got := disk.size(t); got > size {
						t.Fatalf("after %d: got %d bytes, want at most %d", n, got, size)
					}
				}
				checkOldest(t, lost, first)
				checkNewest(t, s, all, all-uint64(len(lost)))
				if got := disk.size(t); got < size*3/4 {
					t.Errorf("got %d bytes, want most of %d", got, size)
				}
				if st := s.State(); st.Dropped != uint64(len(lost)) || st.Runtime.Bytes != disk.size(t) {
					t.Errorf("got %+v, want %d dropped and %d bytes", st, len(lost), disk.size(t))
				}
			})
		}
	}
}

func TestTheCardKeepsTheNewestWithinMaxBytes(t *testing.T) {
	t.Parallel()
	const all = 200_000
	for _, size := range []int64{64 << 10, 1 << 20} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			t.Parallel()
			disk := newMemoryFS()
			s := testSpool(disk)
			s.RuntimeDir, s.MaxBytes = "", size
			var lost []uint64
			noteLost(s, &lost)
			mustOpen(t, s)
			first := s.next
			for n := uint64(1); n <= all; n++ {
				if _, l := s.Append(testReading(n)); len(l) > 0 {
					t.Fatalf("append of %d: got %d lost in memory", n, len(l))
				}
				if n%200 != 0 {
					continue
				}
				if err := s.spill(); err != nil {
					t.Fatal(err)
				}
				s.tellLost()
				if got := disk.size(t); got > size+1000 { // and the state file
					t.Fatalf("after %d: got %d bytes, want at most %d", n, got, size)
				}
			}
			checkOldest(t, lost, first)
			checkNewest(t, s, all, all-uint64(len(lost)))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = testSpool(disk)
			s.RuntimeDir, s.MaxBytes, s.Clock = "", size, testClock(time.Hour)
			// What is in memory, too, and not on the card any more, is gone.
			if rec := mustOpen(t, s); rec.Damaged != 0 || rec.Waiting == 0 {
				t.Errorf("got %+v after a restart", rec)
			}
			if st := s.State(); st.Card.Bytes > size {
				t.Errorf("got %d bytes after a restart, want at most %d", st.Card.Bytes, size)
			}
		})
	}
}

// While everything is settled, the runtime tier does not grow.
func TestSettledReadingsTakeNoPlace(t *testing.T) {
	t.Parallel()
	disk := newMemoryFS()
	s := testSpool(disk)
	s.MaxBytes = 1 << 20
	mustOpen(t, s)
	for n := range uint64(50_000) {
		p, _ := s.Append(testReading(n + 1))
		s.Settle(p)
		s.Commit()
		if got := len(s.runtime.segments); got > 2 {
			t.Fatalf("after %d: got %d segments, want at most 2", n, got)
		}
	}
	if got := len(s.known.settled); got != 1 {
		t.Errorf("got a set of %d spans, want 1", got)
	}
	if got := s.State().Runtime; got.Waiting != 0 || got.Bytes > 200<<10 {
		t.Errorf("got %+v", got)
	}
}

// The stop writes what the runtime tier has to the card, which may have no
// place for all of it.
func TestWhatTheStopHasToDropIsTold(t *testing.T) {
	t.Parallel()
	disk := newMemoryFS()
	s := testSpool(disk)
	s.MaxBytes = 64 << 10
	lost := 0
	s.Lost = func() { lost += len(takeLost(s)) }
	mustOpen(t, s)
	const all = 2000
	for n := uint64(1); n <= all; n++ {
		_, l := s.Append(testReading(n))
		lost += len(l)
		if n == 600 {
			if err := s.spill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = testSpool(disk)
	s.MaxBytes = 64 << 10
	if rec := mustOpen(t, s); rec.Waiting == 0 || rec.Waiting+lost != all {
		t.Errorf("got %d waiting after the stop, and %d told to be lost, want %d together", rec.Waiting, lost, all)
	}
}
