package spool

import "time"

// State is how a spool is doing.
type State struct {
	Runtime Tier
	Card    Tier
	Damaged int    // records found damaged, and lost
	Dropped uint64 // waiting records lost since the start, to keep MaxBytes or because they could not be read
}

// Tier is how one tier is doing.
type Tier struct {
	On      bool      // it is configured
	Cause   error     // why it is done without; nil: it works
	Since   time.Time // since when
	Bytes   int64
	Waiting int // unsettled records in it
}

// State returns how the spool is doing. While memory takes the runtime tier's
// place, it counts as the runtime tier.
func (s *Spool) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := State{Runtime: s.tierState(s.runtime), Card: s.tierState(s.card), Damaged: s.damaged, Dropped: s.dropped}
	if s.memory != nil {
		have := s.memory.holds()
		have.addAll(s.runtime.holds())
		st.Runtime.Bytes += s.memory.bytes
		st.Runtime.Waiting = have.without(s.known.settled).count()
	}
	return st
}

func (s *Spool) tierState(t *tier) Tier {
	if t == nil {
		return Tier{}
	}
	return Tier{
		On: true, Cause: t.cause, Since: t.since, Bytes: t.bytes,
		Waiting: t.holds().without(s.known.settled).count(),
	}
}
