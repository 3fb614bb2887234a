package spool

// put writes what was settled, and a reading unless its position is 0, to a
// runtime tier.
func (s *Spool) put(t *tier, r Record, lost *[]uint64) error {
	if !fits(r.Reading) {
		s.lose(set{{r.Position, r.Position}}, lost)
		return nil
	}
	fixed, err := s.begin(t)
	if err != nil {
		return err
	}
	if r.Position != 0 {
		s.out.reading(r, s.boot)
	}
	if err := s.makeRoom(t, lost); err != nil {
		return err
	}
	n, begun, err := t.write(s.out.buf, false)
	t.wrote(&s.out, n, begun, err)
	if err != nil {
		return err
	}
	if r.Position != 0 {
		t.last().have.add(r.Position, r.Position)
	}
	if begun {
		t.fixed = fixed
	}
	s.pending = s.pending[:0]
	return nil
}

// begin makes s.out the next write to a runtime tier: with the snapshot of a
// new segment, or with what was settled. Where a new segment begins, those
// that are not needed any more are removed.
func (s *Spool) begin(t *tier) (fixed int64, err error) {
	s.out.buf = s.out.buf[:0]
	if !t.full() {
		s.out.tally = t.done
		s.out.settled(s.pending)
		return 0, nil
	}
	t.end()
	if err := s.sweep(t); err != nil {
		return 0, err
	}
	s.out.tally = tally{}
	s.out.header(s.header(t))
	if t != s.memory {
		s.out.snapshot(s.known, s.boot)
	}
	return int64(len(s.out.buf)), nil
}

// sweep removes the segments of a runtime tier whose readings are all settled
// or on the card. The last one with a snapshot is kept: only it has the whole
// of what is known, until the next one is written.
func (s *Spool) sweep(t *tier) error {
	kept, last := s.card.holds(), t.lastWhole()
	for i := 0; i < len(t.segments); {
		seg := t.segments[i]
		if seg == last || !seg.failed.IsZero() || len(seg.have.without(s.known.settled).without(kept)) > 0 {
			i++
			continue
		}
		if err := t.remove(seg); err != nil {
			return err
		}
		t.forget(seg)
	}
	return nil
}

// makeRoom removes the oldest segments until s.out fits.
func (s *Spool) makeRoom(t *tier, lost *[]uint64) error {
	for t.bytes+int64(len(s.out.buf)) > t.max {
		i := t.oldest()
		if i < 0 || i == len(t.segments)-1 {
			break
		}
		seg := t.segments[i]
		if err := t.remove(seg); err != nil {
			return err
		}
		t.forget(seg)
		s.lose(s.orphans(seg.have), lost)
	}
	return nil
}

// orphans returns those of the positions that wait and are in no segment that
// can be read.
func (s *Spool) orphans(positions set) set {
	rest := positions.without(s.known.settled)
	for _, t := range s.tiers() {
		if len(rest) > 0 {
			rest = rest.without(t.holds())
		}
	}
	return rest
}

// lose settles readings that are dropped. They are returned by lost, or where
// that is nil told by Run.
func (s *Spool) lose(positions set, lost *[]uint64) {
	positions = s.abandon(positions)
	if lost != nil {
		*lost = append(*lost, positions.list()...)
		return
	}
	s.gone.addAll(positions)
	s.wakeUp()
}

// abandon settles readings that are lost and returns those that anybody has
// counted.
func (s *Spool) abandon(positions set) set {
	s.known.settled.addAll(positions)
	positions = positions.without(s.late)
	s.dropped += uint64(positions.count())
	return positions
}
