package spool

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// The process is killed at any call of the file system, before, in the middle
// of or after it: nothing whose Append had returned is lost.
func TestAKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*Spool){"both stores": func(*Spool) {}, "tmpfs": tmpfsOnly} {
		for _, kind := range []fault{fails, tears} {
			t.Run(fmt.Sprintf("%s, fault %d", name, kind), func(t *testing.T) {
				t.Parallel()
				for n := 1; n < 10000; n++ {
					if !killAt(t, n, kind, configure) {
						return
					}
				}
			})
		}
	}
}

// killAt reports whether there was an n-th call to be killed at.
func killAt(t *testing.T, n int, kind fault, configure func(*Spool)) (killed bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		what := fmt.Sprintf("call %d", n)
		memory := newMemoryFS()
		earlier := before(t, memory, configure)
		disk := &faultyFS{FS: memory, fault: func(call int, _ string) fault {
			if call < n {
				return works
			}
			if call == n {
				return kind
			}
			return fails
		}}
		s := testSpool(disk)
		configure(s)
		l := newLife(s)
		l.dead = func() bool { return disk.count() >= n }
		l.begin(t)
		if !l.dead() {
			l.live(31)
		}
		l.stop()
		killed = l.dead()
		stop(s)
		s = testSpool(memory)
		configure(s)
		s.Clock = testClock(2 * time.Hour)
		mustOpen(t, s)
		records := readAll(s)
		l.checkTrue(t, records, earlier, what)
		want := l.waiting()
		want.addAll(earlier)
		if missing := want.without(positions(records)); len(missing) > 0 {
			t.Fatalf("%s: missing %v of %d", what, missing, want.count())
		}
		for k, last := range l.lastSeqs() {
			if got := s.snap.seqOf(k); got < last || got > last+2 {
				t.Fatalf("%s: got sequence number %d of %v, want %d", what, got, k, last)
			}
		}
	})
	return killed
}

// A kill at any call of a start costs no sequence number: none was given.
func TestAKillDuringTheStartCostsNoSequenceNumber(t *testing.T) {
	same := func() sensors.Reading { return sensors.Reading{Sensor: "a", Quantity: "temperature", Unit: "°C"} }
	for n := 1; ; n++ {
		killed := false
		synctest.Test(t, func(t *testing.T) {
			memory := newMemoryFS()
			s := testSpool(memory)
			mustOpen(t, s)
			for range 3 {
				s.Append(same())
			}
			stop(s)
			disk := &faultyFS{FS: memory, fault: func(call int, _ string) fault {
				if call < n {
					return works
				}
				return fails
			}}
			s = testSpool(disk)
			mustOpen(t, s)
			killed = disk.count() >= n
			stop(s)
			s = testSpool(memory)
			mustOpen(t, s)
			if got := s.Append(same()).Reading.Seq; got != 4 {
				t.Errorf("killed at call %d of the start: got number %d, want 4", n, got)
			}
		})
		if !killed {
			return
		}
	}
}
