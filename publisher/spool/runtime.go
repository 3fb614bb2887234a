package spool

import (
	"log/slog"
	"time"
)

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
		if seg == last || len(seg.have.without(s.known.settled).without(kept)) > 0 {
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
	for t.bytes+int64(len(s.out.buf)) > t.max && len(t.segments) > 1 {
		seg := t.segments[0]
		if err := t.remove(seg); err != nil {
			return err
		}
		t.forget(seg)
		s.lose(s.orphans(seg), lost)
	}
	return nil
}

// orphans returns the waiting readings of a forgotten segment that are nowhere
// else.
func (s *Spool) orphans(seg *segment) set {
	rest := seg.have.without(s.known.settled)
	for _, t := range []*tier{s.memory, s.files, s.card} {
		if len(rest) > 0 {
			rest = rest.without(t.holds())
		}
	}
	return rest
}

// lose settles readings that are lost. They are returned by lost, or where
// that is nil told by Run.
func (s *Spool) lose(positions set, lost *[]uint64) {
	s.known.settled.addAll(positions)
	s.dropped += uint64(positions.count())
	if lost != nil {
		*lost = append(*lost, positions.list()...)
		return
	}
	s.gone.addAll(positions)
	s.wakeUp()
}

// degrade puts memory in the place of the runtime tier.
func (s *Spool) degrade(cause error) {
	s.files.end()
	s.files.cause, s.files.since = cause, time.Now()
	s.retryFiles = time.Now().Add(retryRuntime)
	s.memory = newMemoryTier(min(s.MaxBytes, fallbackBytes))
	dir := s.RuntimeDir
	s.say(func(log *slog.Logger) {
		log.Warn("runtime spool fails: readings are kept in memory and would be lost with the process",
			"dir", dir, "error", cause)
	})
}

func newMemoryTier(size int64) *tier {
	return &tier{disk: newMemoryFS(), dir: "/", max: size, unlock: func() {}}
}

// say leaves a line for the log to Run, as the lock is held.
func (s *Spool) say(line func(*slog.Logger)) {
	s.notes = append(s.notes, func() { line(s.Log) })
	s.wakeUp()
}

// healRuntime tries to make the runtime tier work again.
func (s *Spool) healRuntime() {
	s.mu.Lock()
	t := s.files
	due := s.memory != nil && t != nil && !time.Now().Before(s.retryFiles)
	s.mu.Unlock()
	if !due {
		return
	}
	var f found
	var err error
	if t.unlock == nil {
		f, err = s.openTier(t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && f.known != nil {
		s.adopt(t, f)
	}
	if err == nil {
		err = s.moveBack(t)
	}
	if err != nil {
		t.cause = err
		s.retryFiles = time.Now().Add(retryRuntime)
	}
}

// moveBack begins a new segment of the runtime tier with the waiting readings
// that are in memory.
func (s *Spool) moveBack(t *tier) error {
	var records []Record
	want := s.memory.holds().without(s.known.settled)
	for _, seg := range s.memory.segments {
		b, _ := s.memory.disk.Read(s.memory.path(seg.number)) // memory does not fail
		records = append(records, pick(b, want, s.boot)...)
	}
	t.end()
	fixed, err := s.begin(t)
	if err != nil {
		return err
	}
	var have set
	for _, r := range records {
		s.out.reading(r, s.boot)
		have.add(r.Position, r.Position)
	}
	if err := s.makeRoom(t, nil); err != nil {
		return err
	}
	n, begun, err := t.write(s.out.buf, false)
	t.wrote(&s.out, n, begun, err)
	if err != nil {
		return err
	}
	t.last().have.addAll(have)
	t.fixed = fixed
	lasted, count := time.Since(t.since).Round(time.Second), len(records)
	t.cause, t.since = nil, time.Time{}
	s.memory, s.pending = nil, nil
	s.say(func(log *slog.Logger) {
		log.Info("runtime spool works again", "dir", t.dir, "after", lasted, "saved", count)
	})
	return nil
}
