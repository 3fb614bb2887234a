package spool

import (
	"log/slog"
	"slices"
)

// A directory or a file that cannot be read at the start may be readable later.
// What earlier processes have left there is late: whoever keeps the account has
// not been told of it by Open, and must be before Load returns any.

// notOurs returns those of the positions that earlier processes have given: what
// files say that are found after the start need not be true of others.
func (s *Spool) notOurs(positions set) set {
	if s.first == 0 || s.next == s.first {
		return positions
	}
	return positions.without(set{{s.first, s.next - 1}})
}

// learn takes in what files say and have. After the start, some of what was kept
// before and has waited may have been settled, and some of what is new may wait.
func (s *Spool) learn(says *known, before, have set) {
	waited := before.without(s.known.settled).without(s.late)
	says.settled = s.notOurs(says.settled)
	s.known.merge(says)
	if s.Late == nil || s.first == 0 {
		return
	}
	s.over.addAll(waited.within(says.settled))
	s.late.addAll(have.without(before).without(s.known.settled))
	s.news = true
	s.wakeUp()
}

// takeOver adopts what was found after the start, and has it claimed before any
// of it is dropped for want of room.
func (s *Spool) takeOver(t *tier, f found) {
	s.mu.Lock()
	s.adopt(t, f)
	s.mu.Unlock()
	s.tellLate()
}

// tellLate has what was found late claimed.
func (s *Spool) tellLate() {
	s.mu.Lock()
	news := s.news
	s.mu.Unlock()
	if news {
		s.Late()
	}
}

// Claim returns the positions of the readings that have come late, which from
// then on wait like all others, how many more were found damaged, and the newest
// reading of each stream that is known now.
func (s *Spool) Claim() (late []uint64, damaged int, newest map[Key]Newest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	late, damaged = s.late.without(s.known.settled).list(), s.lateBad
	s.late, s.lateBad, s.news = nil, 0, false
	return late, damaged, s.newest()
}

// waits returns the readings that wait, also those that cannot be read now.
func (s *Spool) waits() set { return s.kept().without(s.known.settled).without(s.late) }

// newest returns the newest reading of each stream that is known.
func (s *Spool) newest() map[Key]Newest {
	waiting, all := s.waits(), make(map[Key]Newest)
	for key, r := range s.known.newest {
		all[key] = Newest{r, !waiting.has(r.Position)}
	}
	return all
}

// catchUp takes note of what was found after the start in a tier, or in one
// segment of it.
func (s *Spool) catchUp(t *tier, f found) {
	s.countDamaged(t, f)
	s.next = max(s.next, f.known.top+1)
	s.earlier = max(s.earlier, f.known.top)
	if !s.unread() { // as at the start: what is nowhere never was, or is lost
		all := s.notOurs(set{{0, max(s.earlier, s.first-1)}})
		s.settle(all.without(s.known.settled).without(s.kept()))
	}
	s.unwritten = true
}

// settle settles what nobody has been told of.
func (s *Spool) settle(positions set) {
	s.known.settled.addAll(positions)
	s.pending.addAll(positions)
}

// countDamaged counts the damaged readings that were found in a tier or in one
// segment of it: those that were waiting and are nowhere else, as far as
// positions tell.
func (s *Spool) countDamaged(t *tier, f found) {
	if f.damaged == 0 {
		return
	}
	reach := f.known.top + uint64(f.beyond)
	missing := set{{0, reach}}.between(0, reach+1).without(s.known.settled).without(s.kept())
	s.next = max(s.next, reach+1)
	lost := missing.first(f.damaged)
	n := lost.count()
	if len(missing.without(lost)) == 0 && !s.unread() { // it is known which
		s.settle(lost)
	}
	s.damaged += n
	if s.first != 0 && s.Late != nil {
		s.lateBad += n
		s.news = true
		s.wakeUp()
	}
	if n > 0 {
		s.say(func(log *slog.Logger) {
			log.Warn("spool is damaged: these readings are lost", "dir", t.dir, "readings", n)
		})
	}
}

// unread tells whether there may be readings that cannot be read now.
func (s *Spool) unread() bool {
	return slices.ContainsFunc(s.tiers(), func(t *tier) bool {
		return t.unlock == nil || slices.ContainsFunc(t.segments, func(seg *segment) bool { return !seg.failed.IsZero() })
	})
}
