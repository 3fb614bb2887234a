package spool

import (
	"fmt"
	"testing"
	"time"
)

// Without a clock a process begins where the one before has begun. What that
// has left where it cannot be read at the start is not taken for what is new.
func TestPositionsDifferWithoutAClock(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]bool{"a file": false, "the directory": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			clock := func() (time.Time, time.Duration) { return time.Unix(30, 0), 30 * time.Second }
			s := testSpool(memory)
			cardOnly(s)
			s.Clock = clock
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			if err := s.spill(); err != nil {
				t.Fatal(err)
			}
			stop(s)
			delete(memory.files, "/card/state") // it would tell
			disk := &unreadFS{FS: memory, bad: "/card", away: away}
			s, told := openLate(t, disk, func(s *Spool) { cardOnly(s); s.Clock, s.BootID = clock, "2" })
			for _, p := range appendMany(t, s, 6, 8)[:2] {
				s.Settle(p)
			}
			disk.back(s)
			records := s.load(0, everything, 10, false)
			checkRecords(t, records)
			if *told != (audit{waiting: 5}) || len(records) != 6 {
				t.Errorf("got %+v, %d of which can be loaded with the new one, want 5 and 6", *told, len(records))
			}
		})
	}
}

// What comes late may have higher positions than what is new: those that are
// given from then on are higher still, and none is taken for settled.
func TestPositionsGoOnAboveWhatComesLate(t *testing.T) {
	t.Parallel()
	for tier, set := range samples {
		for _, away := range []bool{false, true} {
			for n, want := range map[int]audit{0: {waiting: 5}, 3: {waiting: 4, damaged: 1}, 5: {waiting: 4, damaged: 1}} {
				t.Run(fmt.Sprintf("%s, away %t, damaged %d", tier, away, n), func(t *testing.T) {
					t.Parallel()
					goOnAbove(t, set, away, n, want)
				})
			}
		}
	}
}

// goOnAbove has the n-th of 5 readings damaged.
func goOnAbove(t *testing.T, set func(*Spool), away bool, n int, want audit) {
	t.Helper()
	memory := newMemoryFS()
	s := testSpool(memory)
	set(s)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 5)
	if err := s.spillAny(); err != nil {
		t.Fatal(err)
	}
	stop(s)
	delete(memory.files, "/card/state") // it would tell
	damage(memory, "/", n)
	disk := &unreadFS{FS: memory, bad: s.Dir + s.RuntimeDir, away: away}
	s, told := openLate(t, disk, func(s *Spool) {
		set(s)
		s.Clock = func() (time.Time, time.Duration) { return time.Unix(30, 0), 30 * time.Second }
	})
	if got := appendMany(t, s, 6, 6)[0]; got >= all[0] {
		t.Fatalf("got position %d, want one below %d", got, all[0])
	}
	disk.back(s)
	if got := appendMany(t, s, 7, 7)[0]; got <= all[4] {
		t.Errorf("got position %d, want one above %d", got, all[4])
	}
	if got := len(s.load(0, everything, 10, false)); *told != want || got != want.waiting+2 {
		t.Errorf("got %+v, %d of which can be loaded with 2 new ones, want %+v", *told, got, want)
	}
}
