package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A directory is where the segments of a store are. It can be removed, moved or
// covered by a mount while it is in use: what is appended to a segment then
// goes to a file without a name, and no call fails.
type directory struct {
	x    *index
	disk FS
	dir  string

	unlock func() // nil: not locked; only the writer uses it and what follows
	number uint64 // the highest that was given to a segment
	aside  bool   // the state file there was not read: it must not be overwritten

	segments []*segment // oldest first; x.mu guards it and what follows
	current  *segment   // the last one that was begun; only the writer changes it
	bytes    int64      // of those that can be read
	written  int64      // bytes written since the start, the state file included
	unread   []string   // files that could not be read at the start
}

func (d *directory) path(number uint64) string {
	return filepath.Join(d.dir, fmt.Sprintf("%016x", number)+segmentSuffix)
}

// holds returns the readings that can be read; d.x.mu must be held.
func (d *directory) holds() (have intervals) {
	for _, seg := range d.segments {
		if seg.failed.IsZero() {
			have.addAll(seg.have)
		}
	}
	return have
}

// grow counts bytes that were added to the last segment; x.mu must be held.
func (d *directory) grow(n int) {
	d.current.bytes += int64(n)
	d.bytes += int64(n)
	d.written += int64(n)
}

// forget takes a segment off the list; d.x.mu must be held.
func (d *directory) forget(seg *segment) {
	if i := slices.Index(d.segments, seg); i >= 0 {
		d.segments = slices.Delete(d.segments, i, i+1)
		d.bytes -= seg.bytes
	}
}

// check checks whether the segments are still in the directory. The readings in
// files that are gone are lost, unless they are in memory or in the other store.
// An error means that the directory has to be reopened.
func (d *directory) check() error {
	d.x.mu.Lock()
	segments, current := slices.Clone(d.segments), d.current
	d.x.mu.Unlock()
	entries, err := d.disk.List(d.dir)
	if err != nil && !isGone(err) {
		return nil // nothing is known
	}
	d.x.mu.Lock()
	defer d.x.mu.Unlock()
	there := make(map[string]bool)
	for _, e := range entries {
		there[filepath.Join(d.dir, e.Name)] = true
	}
	for _, seg := range segments {
		if !there[d.path(seg.number)] {
			d.forget(seg)
		}
	}
	d.x.orphan(d.x.waiting)
	if err == nil && current != nil && !there[d.path(current.number)] {
		err = &fs.PathError{Op: "find", Path: d.path(current.number), Err: fs.ErrNotExist}
	}
	return err
}

// release unlocks the directory, so that the one that is there now can be opened
// instead.
func (d *directory) release() {
	if d.unlock != nil {
		d.unlock()
		d.unlock = nil
	}
}

// take locks the directory for this process, and returns its entries. Numbering
// continues above all segments there.
func (d *directory) take() ([]Entry, error) {
	unlock, err := d.disk.Lock(d.dir)
	if err != nil {
		return nil, err
	}
	entries, err := d.disk.List(d.dir)
	if err != nil {
		unlock()
		return nil, err
	}
	d.unlock = unlock
	for _, e := range entries {
		if number, _ := segmentNumber(strings.TrimSuffix(e.Name, newSuffix)); number < absurd {
			d.number = max(d.number, number)
		}
	}
	return entries, nil
}

// reopen locks the directory for writing if that failed before or if the directory
// was removed. Files of an earlier process are left for the next one. Only
// the writer may call it.
func (d *directory) reopen() error {
	if d.unlock != nil {
		return nil
	}
	entries, err := d.take()
	if err != nil {
		return err
	}
	var unread []string
	for _, e := range entries {
		d.aside = d.aside || e.Name == stateName
		if _, ok := segmentNumber(e.Name); ok && e.Regular || e.Name == stateName {
			unread = append(unread, e.Name)
		}
	}
	d.leave(unread, nil)
	return nil
}

// leave records that files are left for the next process.
func (d *directory) leave(names []string, cause error) {
	d.x.mu.Lock()
	defer d.x.mu.Unlock()
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains(d.unread, name) ||
			slices.ContainsFunc(d.segments, func(seg *segment) bool { return filepath.Base(d.path(seg.number)) == name })
	})
	if len(names) == 0 {
		return
	}
	d.unread = append(d.unread, names...)
	args := []any{"dir", d.dir, "files", strings.Join(names, " ")}
	if cause != nil {
		args = append(args, "cause", cause)
	}
	d.x.say(func(log *slog.Logger) {
		log.Warn("spool files were not read: they are left for the next start", args...)
	})
}

// isGone reports whether an error means that a path does not exist.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
