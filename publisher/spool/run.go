package spool

import (
	"context"
	"errors"
	"log/slog"
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
		s.watchRuntime()
		s.healRuntime()
		s.recheckFailed()
		s.tellLate() // before any of it is dropped for want of room
		s.workCard(false)
		s.tellLost()
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

// tellLost has what was lost taken, and returns whether there was anything.
func (s *Spool) tellLost() bool {
	s.mu.Lock()
	some := len(s.gone)+len(s.bad)+len(s.away)+len(s.over) > 0
	s.mu.Unlock()
	if some && s.Lost != nil {
		s.Lost()
	}
	return some
}

// TakeLost returns the positions of the waiting readings that were lost since
// the last time: dropped to keep MaxBytes, or damaged; and of those that cannot
// be read for now, because their directory is not there; and of those that had
// been settled by an earlier process, which was not known at the start.
func (s *Spool) TakeLost() (dropped, damaged, away, settled []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped, damaged, away, settled = s.gone.list(), s.bad.list(), s.away.list(), s.over.list()
	s.gone, s.bad, s.away, s.over = nil, nil, nil, nil
	return dropped, damaged, away, settled
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
			if !seg.failed.IsZero() && !seg.left {
				failed = append(failed, source{t, seg, nil})
			}
		}
	}
	s.mu.Unlock()
	for _, src := range failed {
		s.recheckOne(src)
		s.beat()
	}
}

func (s *Spool) recheckOne(src source) {
	s.mu.Lock()
	had := src.seg.have.without(nil) // what is appended from now on need not be in what is read
	s.mu.Unlock()
	b, err := src.tier.disk.Read(src.tier.path(src.seg.number))
	gone := src.tier.gone(src.seg, err)
	f := found{known: newKnown(), segments: []*segment{{number: src.seg.number}}}
	pg := f.known.read(b, s.boot)
	f.count([]page{pg}, src.tier == s.card)
	s.mu.Lock()
	seg := src.seg
	late := seg.bytes == 0 // at the start it could not be told what is in it
	switch {
	case err == nil, gone:
	case time.Since(seg.failed) < giveUp:
		s.mu.Unlock()
		return
	case late && pg.tally == tally{}:
		seg.left = true
		s.say(func(log *slog.Logger) {
			log.Warn("spool file cannot be read, it is left where it is", "file", src.tier.path(seg.number), "cause", err)
		})
		s.mu.Unlock()
		return
	}
	missing, before := had.without(pg.have), s.kept()
	seg.failed = time.Time{}
	seg.have = seg.have.without(missing)
	if !gone {
		seg.have.addAll(pg.have)
		seg.whole = pg.whole
		if grown := int64(len(b)) - seg.bytes; grown > 0 {
			src.tier.bytes += grown
			seg.bytes += grown
		}
		s.learn(f.known, before, seg.have)
		if late {
			s.catchUp(src.tier, f)
		}
	}
	s.mu.Unlock()
	s.missed(missing)
}

// Close writes what waits to the card, and that nothing comes after it, and
// gives the directories back. It comes after Run has returned.
func (s *Spool) Close() error {
	s.Commit()
	s.watchRuntime()
	s.tellLost() // what is away may be in memory still
	s.mu.Lock()
	s.retryRuntime, s.closing = time.Time{}, true
	s.mu.Unlock()
	s.healRuntime()
	s.tellLost()
	var err error
	if s.card != nil {
		s.workCard(true)
		if s.tellLost() || s.card.cause != nil {
			s.workCard(true)
		}
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
