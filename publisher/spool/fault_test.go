package spool

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// Any call of the file system fails, once or from then on until it is
// repaired: everything is there afterwards, or told to be lost.
func TestAFailingFileSystemLosesNothing(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"", "/run", "/card"} {
		for _, kind := range []fault{fails, tears} {
			for _, once := range []bool{true, false} {
				name := fmt.Sprintf("store %q, fault %d, once %t", store, kind, once)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					for n := 1; n < 10000; n++ {
						if calls := liveWithFault(t, n, store, kind, once); calls < n {
							return
						}
					}
				})
			}
		}
	}
}

// liveWithFault returns the number of calls that were made.
func liveWithFault(t *testing.T, n int, store string, kind fault, once bool) (calls int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		what := fmt.Sprintf("call %d", n)
		memory := newMemoryFS()
		earlier := before(t, memory, func(*Spool) {})
		repaired := false
		seen := 0
		disk := &faultyFS{FS: memory, fault: func(_ int, name string) fault {
			if !in(name, store) {
				return works
			}
			seen++
			if repaired || seen < n || once && seen > n {
				return works
			}
			return kind
		}}
		l := newLife(testSpool(disk))
		l.begin(t)
		l.live(31)
		disk.mu.Lock()
		repaired, calls = true, seen
		disk.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if st := l.s.State(); st.Tmpfs.Cause != nil || st.Disk.Cause != nil {
			t.Fatalf("%s: got %+v a minute after the repair", what, st)
		}
		l.stop()
		l.checkAll(t, l.s, l.recovered, what) // what could not be read at the start is left to the next one
		if err := l.s.Close(); err != nil {
			t.Fatalf("%s: close: got %v", what, err)
		}
		s := testSpool(memory)
		rec := mustOpen(t, s)
		l.checkAll(t, s, earlier, what+", after a restart")
		if rec.Damaged != 0 {
			t.Fatalf("%s: got %d damaged, though each was written again", what, rec.Damaged)
		}
		for k, last := range l.lastSeqs() {
			if got := s.snap.seqOf(k); got < last {
				t.Fatalf("%s: got sequence number %d of %v, want at least %d", what, got, k, last)
			}
		}
	})
	return calls
}

// checkAll checks that exactly the waiting readings can be loaded.
func (l *life) checkAll(t *testing.T, s *Spool, earlier intervals, what string) {
	t.Helper()
	records := readAll(s)
	l.checkTrue(t, records, earlier, what)
	want := l.waiting()
	want.addAll(earlier)
	if got := positions(records); len(want.without(got)) > 0 || len(got.without(want)) > 0 {
		t.Fatalf("%s: missing %v, too many %v", what, want.without(got), got.without(want))
	}
	if l.lost += lose(s); l.lost > 0 {
		t.Fatalf("%s: got %d lost, want none", what, l.lost)
	}
}
