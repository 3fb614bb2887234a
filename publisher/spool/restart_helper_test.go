package spool

import (
	"strings"
	"testing"
	"time"
)

// leaveFive leaves five readings, of which the first is settled, in each store.
func leaveFive(t *testing.T, set func(*Spool)) *memoryFS {
	t.Helper()
	memory := newMemoryFS()
	s := testSpool(memory)
	set(s)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 5)
	s.Settle(all[0])
	s.Commit()
	if err := flushAny(s); err != nil {
		t.Fatal(err)
	}
	stop(s)
	return memory
}

// reopen opens a spool some hours later.
func reopen(t *testing.T, disk FS, set func(*Spool), hours time.Duration) (*Spool, Recovered) {
	t.Helper()
	s := testSpool(disk)
	s.Clock = testClock(hours * time.Hour)
	set(s)
	return s, mustOpen(t, s)
}

// work runs the spool's worker for a while.
func work(s *Spool, d time.Duration) {
	stop := run(s)
	time.Sleep(d)
	stop()
}

// fill appends far more than there is room for.
func fill(t *testing.T, s *Spool) {
	t.Helper()
	for n := uint64(1); n <= 2000; n++ {
		s.Settle(s.Append(testReading(n)).Position)
		s.Append(testReading(n))
		if n%100 == 0 {
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Commit()
}

const nextBoot = "00000000000000000000000000000002"

// reboot empties the runtime directory.
func reboot(m *memoryFS) {
	for name := range m.files {
		if strings.HasPrefix(name, "/run/") {
			delete(m.files, name)
		}
	}
}

// flushAny flushes if there is a disk.
func flushAny(s *Spool) error {
	if s.disk == nil {
		return nil
	}
	return flush(s)
}
