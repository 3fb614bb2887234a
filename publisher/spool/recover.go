package spool

import (
	"maps"
	"math/rand/v2"
	"time"
)

// reserve is how far sequence numbers may rise before the card has to say so.
const reserve = 1 << 20

// apart is how many positions there are for each second since 1970: far more
// than are given in it, so that processes which could not read what others have
// left come in the order of their starts.
const apart = 1 << 30

// perSecond bounds from above how fast a stream's sequence numbers rise, which is
// by ten a second, and one at once.
const perSecond = 100

// recover draws the conclusions from what was found.
func (s *Spool) recover(card, files found) {
	wall, up := s.Clock()
	s.earlier = s.known.top
	// One position is left out, so that what this process says of positions
	// differs from what the last one has said, even without a clock.
	s.next = max(s.known.top+2, uint64(min(max(wall.Unix(), 1), maxPosition/apart-1))*apart)
	if card.unread || files.unread {
		// Where there is no clock, what is there may begin at the same.
		s.next += rand.Uint64N(apart / 2)
	}
	s.stride = uint64(max(wall.Unix(), 0)) * perSecond
	s.recoverSeqs(card, files)
	if files.knows(card) {
		card.beyond = 0
	}
	s.countDamaged(s.runtime, files)
	s.countDamaged(s.card, card)
	s.first = s.next
	if !card.unread && !files.unread {
		// Positions that never were, or are lost, would keep the set apart.
		s.known.settled = set{{0, s.next - 1}}.without(s.waiting(false))
	}
	s.recoverAge(up)
}

// knows tells whether a runtime tier has all that the last process has given,
// the card's part as well. It has not if a process has used the card since that
// did without it.
func (f *found) knows(card found) bool {
	return f.exact && !f.unread && (card.state == nil || !card.state.adrift && card.state.top <= f.known.top)
}

// recoverSeqs makes the sequence numbers such that none is used again.
func (s *Spool) recoverSeqs(card, files found) {
	st, unread := card.state, card.unread || files.unread
	if st != nil {
		s.reserved = st
	}
	switch {
	case files.knows(card):
		// Each that is damaged may have been the last of its stream, and behind a
		// cut there may have been many.
		s.raise(0, uint64(files.damaged+files.unknown))
	case card.blank() && files.blank():
	case st != nil && st.clean && s.known.top <= st.top && !unread:
	case st != nil:
		for key, seq := range s.known.seq {
			s.known.seq[key] = max(seq, st.seqOf(key)+reserve)
		}
		s.known.floor = max(s.known.floor, st.floor+reserve)
		if unread { // as one may have done that could not write the state
			s.leap()
		}
	default:
		s.raise(reserve, reserve)
		s.leap()
	}
}

// leap leaves the range of sequence numbers that a process would take which
// knows as much as this one and nothing of it. Who leaps later leaps farther.
func (s *Spool) leap() {
	for key := range s.known.seq {
		s.known.seq[key] += s.stride
	}
	s.known.floor += s.stride
	s.leapt = true
}

// seqOf returns the sequence number of a stream, named or not.
func (k *known) seqOf(key Key) uint64 {
	if seq, named := k.seq[key]; named {
		return seq
	}
	return k.floor
}

// blank tells whether a tier is not there, or has never been used.
func (f *found) blank() bool {
	return !f.unread && !f.stated && len(f.segments) == 0
}

// raise makes all sequence numbers higher, and at least least.
func (s *Spool) raise(least, by uint64) {
	for key, seq := range s.known.seq {
		s.known.seq[key] = max(seq+by, least)
	}
	s.known.floor = max(s.known.floor, least)
}

// recoverAge marks how long the readings that were found have been waiting.
func (s *Spool) recoverAge(up time.Duration) {
	oldest := s.load(0, everything, 1, true)
	if len(oldest) == 0 {
		return
	}
	age := s.SpillAfter
	if u := oldest[0].Reading.Up; u != 0 && up >= u {
		age = up - u
	}
	s.marks = []mark{{0, time.Now().Add(-age)}}
}

// ready makes the spool ready to be appended to: the runtime tier begins with
// what is known, and the card says that a process is at work.
func (s *Spool) ready(exact bool) {
	s.readyRuntime()
	if s.card != nil {
		s.unwritten = !s.covered()
		if err := s.card.cause; err != nil {
			s.card.cause = nil
			s.cardDone(err)
		} else if s.unwritten {
			s.cardDone(s.writeState(false))
		}
	}
	switch {
	case s.leapt:
	case s.adrift() && (s.card == nil || s.unwritten):
		s.leap()
	case s.unwritten && (s.reserved != nil || !exact):
		s.evade()
	}
}

func (s *Spool) readyRuntime() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runtime == nil {
		s.memory = newMemoryTier(min(s.MaxBytes, memoryBytes))
		return
	}
	err := s.runtime.cause
	s.runtime.cause = nil
	if err == nil {
		err = s.put(s.runtime, Record{}, nil)
	}
	if err != nil {
		s.degrade(err)
	}
}

// covered tells whether the card says that a process is at work, with sequence
// numbers that are near enough.
func (s *Spool) covered() bool {
	if s.reserved == nil || s.reserved.clean || s.reserved.adrift != s.adrift() || s.known.floor > s.reserved.floor {
		return false
	}
	for key, seq := range s.known.seq {
		if seq > s.reserved.seqOf(key)+reserve/2 {
			return false
		}
	}
	return true
}

// adrift tells whether the runtime tier does not know the sequence numbers that
// are being given.
func (s *Spool) adrift() bool {
	return s.runtime != nil && (s.memory != nil || s.runtime.cause != nil)
}

// evade leaps out of the range of sequence numbers that the next process would
// take for free after a power cut, as the card cannot be told that they are not.
// A stream that an earlier process has taken out of it stays where it is.
func (s *Spool) evade() {
	base := s.reserved
	if base == nil {
		base = newKnown()
	}
	for key, seq := range s.known.seq {
		if end := base.seqOf(key) + reserve; seq <= end {
			s.known.seq[key] = end + s.stride
		}
	}
	if end := base.floor + reserve; s.known.floor <= end {
		s.known.floor = end + s.stride
	}
}

// recovered returns what is known at the start.
func (s *Spool) recovered() Recovered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Recovered{
		Seq: maps.Clone(s.known.seq), Floor: s.known.floor, Newest: s.newest(),
		Waiting: s.waits().count(), Damaged: s.damaged,
	}
}
