package spool

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
)

// The state file of the disk is a header and a snapshot. A new one replaces the old
// one atomically, by rename(2). One that was not read is kept under another name, and
// read by the next start as well.
const (
	stateName  = "state"
	asideName  = "state.unread"
	newSuffix  = ".new"
	stateStale = 1 << 19 // positions that may be given before a new one is written
)

// parseState reads a state file. What is intact of a damaged one is still
// true, and only the sequence numbers need all of it.
func parseState(b []byte, boot bootID) (k *snapshot, whole bool) {
	k = newSnapshot()
	pg := k.read(b, boot)
	k.clean = pg.header.clean
	return k, pg.whole && pg.tail == 0 && pg.lost+pg.other == 0
}

// outdated reports whether more readings have come than the next process could learn
// of from elsewhere.
func (f *flusher) outdated() bool {
	f.x.mu.Lock()
	defer f.x.mu.Unlock()
	return f.x.next-f.stateNext > stateStale
}

// writeState writes the state file. Clean says that nothing comes after it.
func (f *flusher) writeState(clean bool) error {
	x := f.x
	f.stateDue.Store(false)
	x.mu.Lock()
	var w writer
	next := x.next
	w.header(header{clean: clean, boot: x.boot, floor: x.snap.floor, next: next})
	w.snapshot(x.snap, x.settled(), x.boot)
	x.mu.Unlock()
	if err := f.replace(filepath.Join(f.dir, stateName), w.buf); err != nil {
		f.stateDue.Store(true)
		return err
	}
	f.stateNext = next
	return nil
}

// replace writes a file atomically: whenever the power is cut, either the old or the
// new one is there, complete.
func (f *flusher) replace(name string, b []byte) error {
	n, err := writeNew(f.disk, name, b)
	f.x.mu.Lock()
	f.written += int64(n)
	f.x.mu.Unlock()
	if err != nil {
		return err
	}
	if f.aside {
		if err := f.disk.Rename(name, filepath.Join(f.dir, asideName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f.aside = false
	}
	if err := f.disk.Rename(name+newSuffix, name); err != nil {
		return err
	}
	return f.disk.Sync(f.dir)
}

// writeNew writes what is to take the place of a file, durably, under its name
// with newSuffix. It returns how many bytes were written.
func writeNew(disk FS, name string, b []byte) (n int, err error) {
	if err := disk.Remove(name + newSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	file, err := disk.Create(name + newSuffix)
	if err != nil {
		return 0, err
	}
	n, err = file.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	return n, err
}
