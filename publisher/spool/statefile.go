package spool

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
)

// The card's state file is a header and a snapshot. A new one takes the place
// of the old one at once, by rename(2).
const (
	stateName = "state"
	newSuffix = ".new"
)

// parseState reads a state file. What is intact of a damaged one is still
// true, and only the sequence numbers need all of it.
func parseState(b []byte, boot bootID) (k *known, whole bool) {
	k = newKnown()
	pg := k.read(b, boot)
	k.clean, k.adrift = pg.header.clean, pg.header.adrift
	return k, pg.whole && pg.tail == 0 && pg.lost+pg.other == 0
}

// openState reads the card's state file.
func (s *Spool) openState(t *tier, f *found) {
	b, err := t.disk.Read(filepath.Join(t.dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	f.stated = true
	if err != nil {
		f.unread = true
		return
	}
	k, whole := parseState(b, s.boot)
	if whole {
		f.state = k
	}
	f.known.merge(k)
}

// writeState writes the card's state file. Clean says that nothing comes after
// it.
func (s *Spool) writeState(clean bool) error {
	s.mu.Lock()
	var w writer
	w.header(header{clean: clean, adrift: s.adrift(), boot: s.boot, floor: s.known.floor, next: s.next})
	w.snapshot(s.known, s.boot)
	says := &known{seq: maps.Clone(s.known.seq), floor: s.known.floor, clean: clean, adrift: s.adrift()}
	s.mu.Unlock()
	if err := s.replace(filepath.Join(s.card.dir, stateName), w.buf); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved, s.unwritten = says, false
	return nil
}

// replace writes a file such that either the old or the new one is there,
// whole, whenever the power is cut.
func (s *Spool) replace(name string, b []byte) error {
	disk := s.card.disk
	if err := disk.Remove(name + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := disk.Create(name + newSuffix)
	if err != nil {
		return err
	}
	n, err := f.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := disk.Rename(name+newSuffix, name); err != nil {
		return err
	}
	return disk.Sync(s.card.dir)
}
