package spool

import (
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
)

// found describes the files of a store and their content at the start.
type found struct {
	*snapshot
	dir      string
	contents []content // of the segments
	segments []*segment
	state    *snapshot // what the state file says; nil: there is none that is whole
	stated   bool      // there is a state file, or part of one
	unread   bool      // there may be more, that cannot be read
	exact    bool      // a whole snapshot is of this boot of the machine
	cut      bool      // readings are missing after the end of a file, and it is not known how many
	damaged  int       // readings that are damaged here
	beyond   int       // of those, how many may be above all positions that are known
	unknown  int       // readings that there may have been behind torn ends
}

// open locks the directory of a store and reads it. The only error is ErrInUse: a
// directory that cannot be read is not used.
func (f *found) open(t *store) error {
	*f = found{snapshot: newSnapshot(), dir: t.dir}
	entries, err := t.take()
	if errors.Is(err, ErrInUse) {
		return err
	}
	if err != nil {
		f.unread = true
		t.fail(err)
		return nil
	}
	var unread, foreign []string
	var cause error
	for _, e := range entries {
		var err error
		number, isSegment := segmentNumber(strings.TrimSuffix(e.Name, newSuffix))
		switch {
		case isSegment && strings.HasSuffix(e.Name, newSuffix) && e.Regular:
			t.leftover = append(t.leftover, filepath.Join(t.dir, e.Name))
		case isSegment && e.Regular:
			err = f.readSegment(t, number)
		case (e.Name == stateName || e.Name == asideName) && e.Regular: // of a disk's directory, even where it is none now
			err = f.readState(t, e.Name)
		case e.Name == "lost+found": // of every ext4
		case t.durable && slices.Contains([]string{stateName + newSuffix, topicsName, topicsName + newSuffix, BoardName, BoardName + newSuffix}, e.Name):
		default:
			foreign = append(foreign, e.Name)
		}
		if err != nil {
			unread, cause = append(unread, e.Name), err
		}
	}
	f.unread = len(unread) > 0
	t.leave(unread, cause)
	if len(foreign) > 0 {
		t.x.say(func(log *slog.Logger) {
			log.Warn("spool directory holds files that are not the spool's: they are left alone",
				"dir", t.dir, "files", len(foreign), "first", foreign[0])
		})
	}
	f.count(t.number)
	t.segments = f.segments
	t.unsynced = append(t.unsynced, t.dir)
	return nil
}

// readSegment reads one segment. One with an error is left for the next start, with
// everything in it.
func (f *found) readSegment(t *store, number uint64) error {
	b, err := t.disk.Read(t.path(number))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && otherVersion(b) {
		err = errVersion
	}
	if err != nil {
		if number < absurd {
			t.doneOf = 0
		}
		return err
	}
	c := f.read(b, t.x.boot)
	f.contents = append(f.contents, c)
	f.exact = f.exact || c.whole && t.x.boot.is(c.header.boot)
	seg := &segment{number: number, bytes: int64(len(b)), have: c.have, whole: c.whole}
	f.segments = append(f.segments, seg)
	t.unsynced = append(t.unsynced, t.path(number))
	t.bytes += seg.bytes
	if number < absurd || c.header.number == number {
		t.number = max(t.number, number)
		t.done, t.doneOf = c.tally, number
	}
	return nil
}

var errVersion = errors.New("written by another version")

// readState reads a state file, or one that an earlier process could not read.
func (f *found) readState(t *store, name string) error {
	b, err := t.disk.Read(filepath.Join(t.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && otherVersion(b) {
		err = errVersion
	}
	own := name == stateName
	f.stated = f.stated || own
	if err != nil {
		t.aside = t.aside || own
		return err
	}
	k, whole := parseState(b, t.x.boot)
	if own && whole {
		f.state = k
	}
	f.merge(k)
	return nil
}

// blank reports whether a store does not exist or has never been used.
func (f *found) blank() bool {
	return !f.unread && !f.stated && len(f.segments) == 0
}

// shortest is less than the length of any reading's frame.
const shortest = overhead + 56

// tmpfsPage is where a write to a tmpfs ends that a kill, or want of room, cuts
// short: between two pages (generic_perform_write in the kernel's mm/filemap.c),
// of which all sizes are multiples of this.
const tmpfsPage = 4 << 10

// count finds out how many readings are damaged. Where a later segment says how
// many were intact, a torn end is not one that counts. The highest number is
// that of any segment, even of one that was never put in its place.
func (f *found) count(highest uint64) {
	intact := make(map[uint64]tally)
	for _, c := range f.contents {
		if c.headed {
			intact[c.header.after] = c.header.previous
		}
	}
	last := true // no later segment says how far positions had come
	for i, c := range slices.Backward(f.contents) {
		seg := f.segments[i]
		behind := c.behind
		was, known := intact[seg.number]
		// No segment is seen before it has its snapshot or its first reading.
		headless := !c.begun && seg.number < absurd
		missing := c.closed && seg.number == highest // the one behind it
		switch {
		case known:
			f.damaged += max(0, int(was.readings)-int(c.readings))
		case headless || missing || c.tail > 0:
			f.damaged++
			behind++
			f.unknown += c.tail / shortest
			f.cut = f.cut || headless || missing || seg.bytes%tmpfsPage != 0
		}
		f.damaged += c.lost
		if last {
			f.beyond += behind
		}
		last = last && !c.headed
	}
}
