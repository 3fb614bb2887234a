package spool

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// A directory can be removed, moved or covered by a mount while it is in use.
// What is appended to a segment of it then goes to a file without a name, and
// no call fails. So the worker looks whether the segment is still there.

// missing tells whether a segment is in its directory no more, or the directory
// is not there.
func (t *tier) missing(number uint64) error {
	name := filepath.Base(t.path(number))
	entries, err := t.disk.List(t.dir)
	switch {
	case isGone(err):
		return err
	case err != nil || slices.ContainsFunc(entries, func(e Entry) bool { return e.Name == name }):
		return nil
	}
	return &fs.PathError{Op: "find", Path: t.path(number), Err: fs.ErrNotExist}
}

// isGone tells the errors of a path that leads to nothing.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// watchRuntime puts memory in the place of a runtime tier that has gone astray.
func (s *Spool) watchRuntime() {
	s.mu.Lock()
	t := s.runtime
	if t == nil || s.memory != nil || t.file == nil {
		s.mu.Unlock()
		return
	}
	number := t.number
	s.mu.Unlock()
	err := t.missing(number)
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil && t.number == number { // else it has gone on to another since
		s.degrade(err)
	}
}

// strand notes that a tier's directory is not there. Its readings may come back
// with it; meanwhile whoever has them in memory is told.
func (s *Spool) strand(t *tier) {
	t.end()
	t.stray = true
	for _, seg := range t.segments {
		if seg.failed.IsZero() {
			seg.failed = time.Now()
		}
	}
	s.away.addAll(s.orphans(t.haves()).without(s.late))
	s.wakeUp()
}

// retake gives the directory of a tier that has gone astray back, so that what
// is there now is opened instead. While nothing is there it may still come
// back, for 10 minutes: then, or at the end, it is made anew.
func (s *Spool) retake(t *tier) error {
	if !t.stray {
		return nil
	}
	if _, err := t.disk.List(t.dir); err != nil && time.Since(t.since) < giveUp && !s.closing {
		return err
	}
	if t.unlock != nil {
		t.unlock()
		t.unlock = nil
	}
	return nil
}

// Again keeps a reading that has been kept before, and that TakeLost has said
// to be away or damaged, at its old position.
func (s *Spool) Again(r Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known.settled = s.known.settled.without(set{{r.Position, r.Position}})
	s.keep(r, nil)
}

// Kept returns how many waiting readings are in files that can be read, but for
// some.
func (s *Spool) Kept(but ...uint64) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := s.runtime.holds()
	have.addAll(s.card.holds())
	have = have.without(s.known.settled).without(s.late)
	for _, p := range but {
		have = have.without(set{{p, p}})
	}
	return have.count()
}
