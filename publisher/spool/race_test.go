package spool

import (
	"context"
	"sync"
	"testing"
	"time"
)

// All methods at once, for the race detector; and none is lost meanwhile.
func TestAllMethodsAtOnce(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := testSpool(nil)
	s.Dir, s.RuntimeDir = root+"/card", root+"/run"
	s.SpillAfter, s.FlushInterval, s.MaxBytes = time.Millisecond, 5*time.Millisecond, 1<<20
	mustOpen(t, s)
	ctx, cancel := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	workers.Go(func() { s.Run(ctx) })
	const all = 3000
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range uint64(all) {
			s.Append(testReading(n + 1))
			if n%100 == 0 {
				time.Sleep(time.Millisecond)
				s.wakeUp()
			}
		}
	}()
	seen := 0
	for after := uint64(0); seen < all; {
		records := s.load(after, everything, 50, false)
		checkRecords(t, records)
		for _, r := range records {
			if !s.Holds(r.Position) {
				t.Errorf("does not hold %d", r.Position)
			}
			s.Settle(r.Position)
			after = r.Position
			seen++
		}
		s.Commit()
		s.State()
	}
	<-done
	cancel()
	workers.Wait()
	if st := s.State(); st.Runtime.Waiting+st.Card.Waiting != 0 || st.Dropped != 0 {
		t.Errorf("got %+v", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
