package spool

import (
	"slices"
	"time"
)

// workCard does what there is to do on the card; with all, also what could
// wait.
func (s *Spool) workCard(all bool) {
	if s.card == nil || !all && time.Now().Before(s.retryCard) {
		return
	}
	s.cardDone(s.tryCard(all))
}

func (s *Spool) tryCard(all bool) error {
	t := s.card
	if err := s.retake(t); err != nil {
		return err
	}
	if t.unlock == nil {
		f, err := s.openTier(t)
		if err != nil {
			return err
		}
		s.takeOver(t, f)
	}
	if err := t.settleDown(); err != nil {
		return err
	}
	s.mu.Lock()
	// A card that failed has to show first that it can be written.
	write := t.cause != nil || s.unwritten || !s.covered()
	s.mu.Unlock()
	if write && !all {
		if err := s.writeState(false); err != nil {
			return err
		}
	}
	if err := s.clean(); err != nil {
		return err
	}
	if due := s.spillDue(); !all && (due.IsZero() || time.Now().Before(due)) {
		return nil
	}
	return s.spill()
}

// spillDue returns when the next batch is to be written; zero if there is
// nothing to write.
func (s *Spool) spillDue() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.waiting(true)
	if len(rest) == 0 {
		return time.Time{}
	}
	if s.memory != nil && int64(rest.count())*typicalBytes > s.memory.max/2 {
		return time.Now() // or readings would be lost for want of memory
	}
	wait := s.SpillAfter
	if len(s.card.holds().without(s.known.settled)) > 0 { // the outage has lasted that long already
		wait = min(wait, s.FlushInterval)
	}
	due := s.came(rest[0].lo).Add(wait)
	if next := s.flushed.Add(s.FlushInterval); next.After(due) {
		due = next
	}
	return due
}

// typicalBytes is the length of an ordinary reading's frame.
const typicalBytes = 96

// spill writes what waits and is not on the card, in batches of at most a
// segment.
func (s *Spool) spill() error {
	s.mu.Lock()
	s.flushed = time.Now()
	s.mu.Unlock()
	n := int(s.card.chunk() / typicalBytes)
	for {
		records := s.load(0, everything, n, true)
		for rest := records; len(rest) > 0; {
			written, err := s.spillBatch(rest)
			if err != nil {
				return err
			}
			rest = rest[written:]
			s.beat()
		}
		if len(records) < n {
			return nil
		}
	}
}

// spillBatch appends records to the last segment of the card, with one write
// and one fdatasync, and returns how many there was place for there. They are
// lost if the card is full of newer ones.
func (s *Spool) spillBatch(records []Record) (written int, err error) {
	t := s.card
	var w writer
	var have set
	s.mu.Lock()
	if t.full() {
		t.end()
		w.header(s.header(t))
	} else {
		w.tally = t.done
	}
	s.mu.Unlock()
	for _, r := range records {
		if written > 0 && int64(len(w.buf)) > t.chunk() {
			break
		}
		w.reading(r, s.boot)
		have.add(r.Position, r.Position)
		written++
	}
	room, err := s.makeRoomOnCard(int64(len(w.buf)), records[written-1].Position)
	if err != nil {
		return 0, err
	}
	if !room {
		s.mu.Lock()
		s.lose(have, nil)
		s.mu.Unlock()
		return written, nil
	}
	n, begun, err := t.write(w.buf, true)
	if err == nil {
		err = t.missing(t.number)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.wrote(&w, n, begun, err)
	if err != nil {
		return 0, err
	}
	t.last().have.addAll(have)
	return written, nil
}

// makeRoomOnCard removes the oldest segments until n bytes fit, and tells
// whether they do: a segment with a reading that waits and is newer than the
// position given stays. What waited in those that are removed is lost, also if it
// is in the runtime tier: there it would only wait to be written to the card
// again, in the place of newer ones.
func (s *Spool) makeRoomOnCard(n int64, newest uint64) (room bool, err error) {
	t := s.card
	for {
		s.mu.Lock()
		i := t.oldest()
		if t.bytes+n <= t.max || i < 0 || t.file != nil && i == len(t.segments)-1 {
			s.mu.Unlock()
			return true, nil
		}
		seg := t.segments[i]
		wait := seg.have.without(s.known.settled)
		if k := len(wait); k > 0 && wait[k-1].hi > newest {
			s.mu.Unlock()
			return false, nil
		}
		// Before the file goes, or a Load would take its readings for damaged.
		t.forget(seg)
		s.lose(wait, nil)
		s.mu.Unlock()
		if err := t.remove(seg); err != nil {
			s.mu.Lock()
			t.segments = slices.Insert(t.segments, i, seg) // with nothing in it that waits
			t.bytes += seg.bytes
			s.mu.Unlock()
			return false, err
		}
	}
}

// clean removes the segments of the card whose readings are all settled.
func (s *Spool) clean() error {
	t := s.card
	var settled []*segment
	s.mu.Lock()
	for _, seg := range t.segments {
		if seg.failed.IsZero() && len(seg.have.without(s.known.settled)) == 0 {
			settled = append(settled, seg)
		}
	}
	s.mu.Unlock()
	for _, seg := range settled {
		if err := t.remove(seg); err != nil {
			return err
		}
		s.mu.Lock()
		t.forget(seg)
		s.mu.Unlock()
	}
	if len(settled) == 0 {
		return nil
	}
	return t.disk.Sync(t.dir) // or they would be back after a power cut
}
