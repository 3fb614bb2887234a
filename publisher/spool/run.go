package spool

import (
	"context"
	"time"
)

// look is how often Run looks at least.
const look = 5 * time.Second

// Run writes to the disk what has waited long enough, removes from it what is
// settled, and makes failed storage work again. It returns nil when ctx ends.
func (s *Spool) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-timer.C:
		}
		s.Beat()
		rest := min(look, max(min(s.SpillAfter, s.FlushInterval), time.Second))
		if s.tmpfs != nil {
			s.tmpfs.tend(false)
		}
		if s.disk != nil {
			s.disk.work(false)
			rest = s.disk.next(rest)
		}
		s.report(s.Log)
		timer.Reset(max(rest, time.Millisecond))
	}
}

// State is the state of a spool.
type State struct {
	Tmpfs, Disk StoreState
	Damaged     int // readings found damaged or unreadable, and lost
	Dropped     int // waiting readings lost to keep MaxBytes, since the start
}

// StoreState is the state of one store.
type StoreState struct {
	On      bool      // it is configured
	Cause   error     // why it cannot be used; nil: it works
	Since   time.Time // since when
	Bytes   int64     // of its segments
	Written int64     // bytes written since the start
	Waiting int       // waiting readings in it; in memory alone, while the tmpfs fails, count as well
	Unread  []string  // files that could not be read at the start, and are left for the next one
}

// State returns the state of the spool.
func (s *Spool) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{Damaged: s.damaged + s.all.damaged, Dropped: s.all.overflow}
	if s.tmpfs != nil {
		st.Tmpfs = s.tmpfs.state(s.loose)
	}
	if s.disk != nil {
		st.Disk = s.disk.state(nil)
	}
	return st
}
