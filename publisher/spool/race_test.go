package spool

import (
	"context"
	"log/slog"
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
	s.Cache = 10 // so that files are read
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
				s.say(func(*slog.Logger) {})
			}
		}
	}()
	seen := 0
	for after := uint64(0); seen < all; {
		records := readAfter(s, after, 50)
		checkRecords(t, records)
		for _, r := range records {
			if !s.Waits(r.Position) || !s.Settle(r.Position) || s.Waits(r.Position) {
				t.Errorf("%d was not waiting until it was settled", r.Position)
			}
			after = r.Position
			seen++
		}
		s.Commit()
		s.State()
		if kept, lost := s.Kept(), lose(s); kept > s.Waiting()+seen || lost > 0 {
			t.Errorf("got %d kept and %d lost", kept, lost)
		}
	}
	<-done
	cancel()
	workers.Wait()
	if st := s.State(); st.Tmpfs.Waiting+st.Disk.Waiting+s.Waiting()+s.Kept() != 0 || st.Dropped+st.Damaged != 0 {
		t.Errorf("got %+v", st)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
