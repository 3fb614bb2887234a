package spool

import (
	"strings"
	"testing"
)

// The runtime tier fails in a long outage, and with the memory in its place
// more waits than the card has room for: the oldest are lost, and nothing is
// written to the card twice.
func TestMoreWaitsThanTheCardHasRoomFor(t *testing.T) {
	t.Parallel()
	const readings = 1000 // some 93 KiB
	failing, calls := false, 0
	s := testSpool(readable{faultyFS: &faultyFS{FS: newMemoryFS(), fault: func(_ int, name string) fault {
		switch {
		case strings.HasPrefix(name, "/run/") && failing:
			return fails
		case strings.HasPrefix(name, "/card/"):
			if calls++; calls > 10*readings {
				return fails // or it would go on for ever
			}
		}
		return works
	}}})
	s.MaxBytes = 64 << 10
	mustOpen(t, s)
	all := appendMany(t, s, 1, readings/2)
	failing = true
	all = append(all, appendMany(t, s, readings/2+1, readings)...)

	if err := s.spill(); err != nil {
		t.Fatalf("%v after %d calls", err, calls)
	}
	onCard := s.card.holds().without(s.known.settled)
	if n := onCard.count(); n < readings/2 || len(onCard) != 1 || onCard[0].hi != all[readings-1] {
		t.Errorf("got %d readings on the card, %v, want the newest and no others", n, onCard)
	}
	if got := onCard.count() + len(takeLost(s)); got != readings {
		t.Errorf("got %d readings on the card or lost, want %d", got, readings)
	}
	if due := s.spillDue(); !due.IsZero() {
		t.Errorf("the next batch is due at %v, want none", due)
	}
	calls = 0
	if err := s.spill(); err != nil || calls > 0 {
		t.Errorf("got %v after %d calls, want nothing left to write", err, calls)
	}
	records, _ := s.Load(0, everything, 2*readings)
	checkRecords(t, records)
	if len(records) != onCard.count() {
		t.Errorf("got %d readings, want the %d on the card", len(records), onCard.count())
	}
	s.Close()
}

// A file that cannot be read is not removed for want of room: it takes none that
// counts, and nobody has been told of what is in it.
func TestWhatCannotBeReadStaysWhereRoomIsMade(t *testing.T) {
	t.Parallel()
	for tier, set := range samples {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			disk := &unreadFS{FS: leaveFive(t, set), bad: "/"}
			s, told := openLate(t, disk, func(s *Spool) { set(s); s.MaxBytes = 64 << 10 })
			for n := uint64(6); n < 2000; n++ {
				s.Append(testReading(n))
				if s.Dir != "" && n%100 == 0 {
					if err := s.spill(); err != nil {
						t.Fatal(err)
					}
				}
			}
			disk.back(s)
			if *told != (audit{waiting: 4}) {
				t.Errorf("got %+v, want the four that wait", *told)
			}
			s.Close()
		})
	}
}
