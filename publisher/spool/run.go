package spool

import (
	"context"
	"errors"
	"time"
)

// How often Run looks, and for how long a segment may be unreadable before its
// readings are given up.
const (
	look    = 5 * time.Second
	recheck = 15 * time.Second
	giveUp  = 10 * time.Minute
)

// Run writes to the card what has waited long enough, removes from it what is
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
		s.beat()
		s.healRuntime()
		s.recheckFailed()
		s.workCard(false)
		s.tellLost()
		s.tellLate()
		s.report()
		timer.Reset(s.rest())
	}
}

// rest returns for how long there is nothing to do.
func (s *Spool) rest() time.Duration {
	wait := min(look, max(min(s.SpillAfter, s.FlushInterval), time.Second))
	if s.card != nil {
		due := s.spillDue()
		if s.retryCard.After(due) {
			due = s.retryCard
		}
		if !due.IsZero() {
			wait = min(wait, time.Until(due))
		}
	}
	return max(wait, time.Millisecond)
}

func (s *Spool) beat() {
	if s.Beat != nil {
		s.Beat()
	}
}

// report writes the lines for the log that were left.
func (s *Spool) report() {
	s.mu.Lock()
	notes := s.notes
	s.notes = nil
	s.mu.Unlock()
	for _, note := range notes {
		note()
	}
}

func (s *Spool) tellLost() {
	s.mu.Lock()
	gone, bad := s.gone, s.bad
	s.gone, s.bad = nil, nil
	s.mu.Unlock()
	if len(gone) > 0 && s.Lost != nil {
		s.Lost(gone.list(), false)
	}
	if len(bad) > 0 && s.Lost != nil {
		s.Lost(bad.list(), true)
	}
}

// recheckFailed reads again the segments that could not be read. Those that
// stay so are given up.
func (s *Spool) recheckFailed() {
	s.mu.Lock()
	if time.Since(s.rechecked) < recheck {
		s.mu.Unlock()
		return
	}
	s.rechecked = time.Now()
	var failed []source
	for _, t := range []*tier{s.runtime, s.card} {
		if t == nil {
			continue
		}
		for _, seg := range t.segments {
			if !seg.failed.IsZero() {
				failed = append(failed, source{t, seg, nil})
			}
		}
	}
	s.mu.Unlock()
	for _, src := range failed {
		s.recheckOne(src)
	}
}

func (s *Spool) recheckOne(src source) {
	b, err := src.tier.disk.Read(src.tier.path(src.seg.number))
	gone := src.tier.gone(src.seg, err)
	k := newKnown()
	pg := k.read(b, s.boot)
	s.mu.Lock()
	seg := src.seg
	if err != nil && !gone && time.Since(seg.failed) < giveUp {
		s.mu.Unlock()
		return
	}
	missing, before := seg.have, s.kept()
	seg.failed = time.Time{}
	if err == nil {
		// At the start it could not be told what is in it.
		seg.have, seg.whole = pg.have, pg.whole
		src.tier.bytes += int64(len(b)) - seg.bytes
		seg.bytes = int64(len(b))
		s.comeLate(seg.have.without(before))
	} else {
		seg.have = nil
	}
	missing = missing.without(seg.have)
	s.mu.Unlock()
	s.missed(missing)
}

// Close writes what waits to the card, and that nothing comes after it, and
// gives the directories back. It comes after Run has returned.
func (s *Spool) Close() error {
	s.Commit()
	s.mu.Lock()
	s.retryRuntime = time.Time{}
	s.mu.Unlock()
	s.healRuntime()
	var err error
	if s.card != nil {
		s.workCard(true)
		if err = s.card.cause; s.card.unlock != nil {
			err = errors.Join(err, s.writeState(true))
		}
	}
	s.tellLost()
	for _, t := range []*tier{s.runtime, s.card} {
		if t != nil {
			t.end()
			if t.unlock != nil {
				t.unlock()
			}
		}
	}
	s.report()
	return err
}
