package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sensorpub/sensors"
)

// A tier is a row of segments in one directory. The spool's lock guards it,
// but for what only its writer uses: file, number, done and loose.
type tier struct {
	disk FS
	dir  string
	max  int64 // bytes

	unlock   func()     // nil: not opened yet
	segments []*segment // oldest first
	bytes    int64

	file   File   // of the last segment; nil: the next write begins one
	number uint64 // the highest that was given to a segment
	done   tally  // the intact frames of the last segment that was written to
	doneOf uint64 // its number; 0: there is none, or it is not known
	fixed  int64  // bytes of the snapshot that the last segment begins with

	loose  []string  // what was found and may not be durable
	stray  bool      // its directory is not the one that was opened
	cause  error     // why it cannot be used; nil: it can
	since  time.Time // since when
	streak sensors.Streak
}

// A segment is one file of a tier.
type segment struct {
	number uint64
	bytes  int64
	have   set       // the readings in it
	whole  bool      // the snapshot it begins with is complete
	failed time.Time // since when it cannot be read; zero: it can
	left   bool      // nothing of it was ever read: it is left to the next process
}

const segmentSuffix = ".seg"

func (t *tier) path(number uint64) string {
	return filepath.Join(t.dir, fmt.Sprintf("%016x", number)+segmentSuffix)
}

// segmentNumber parses the name of a segment's file.
func segmentNumber(name string) (number uint64, ok bool) {
	hex, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(hex) != 16 || strings.ToLower(hex) != hex {
		return 0, false
	}
	number, err := strconv.ParseUint(hex, 16, 63)
	return number, err == nil
}

// chunk is the size of a segment, not counting its snapshot.
func (t *tier) chunk() int64 { return min(max(t.max/16, 4<<10), 256<<10) }

// full tells whether the next write should begin a new segment. One is never
// smaller than its snapshot, so that snapshots are at most half of all.
func (t *tier) full() bool {
	if t.file == nil || len(t.segments) == 0 {
		return true
	}
	size := t.last().bytes - t.fixed
	return size >= max(t.chunk(), t.fixed) || t.done.frames > maxFrames
}

func (t *tier) last() *segment { return t.segments[len(t.segments)-1] }

// end closes the last segment: what is written next begins a new one.
func (t *tier) end() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// write appends b to the last segment, or begins one with it, and returns how
// much of it came to be there. If it is to be durable, an error means that it
// may not be. After an error the segment is not written to again: it may be
// torn, and the kernel may have dropped what it did not write.
func (t *tier) write(b []byte, durable bool) (n int, begun bool, err error) {
	if t.file == nil {
		t.number++ // even if it fails, as the file may be there then
		if t.file, err = t.disk.Create(t.path(t.number)); err != nil {
			t.file = nil
			return 0, false, err
		}
		begun = true
	}
	n, err = t.file.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err == nil && durable {
		err = t.file.Sync()
		if err == nil && begun {
			err = t.disk.Sync(t.dir)
		}
	}
	if err != nil {
		t.end()
	}
	return n, begun, err
}

// wrote notes what write has returned. With it, the segment has the frames of
// w.
func (t *tier) wrote(w *writer, n int, begun bool, err error) {
	if begun {
		t.segments = append(t.segments, &segment{number: t.number, whole: err == nil})
		t.done, t.doneOf = tally{}, t.number
	}
	if err == nil {
		t.done = w.tally
	}
	if n > 0 {
		t.last().bytes += int64(n)
		t.bytes += int64(n)
	}
}

// header returns that of the next segment.
func (s *Spool) header(t *tier) header {
	return header{
		number: t.number + 1, boot: s.boot, floor: s.known.floor, next: s.next,
		previous: t.done, after: t.doneOf,
	}
}

// lastWhole returns the last segment with a whole snapshot, or nil.
func (t *tier) lastWhole() *segment {
	for _, s := range slices.Backward(t.segments) {
		if s.whole {
			return s
		}
	}
	return nil
}

// oldest returns the index of the segment that is to be removed first, or -1. One
// that was never read has no bytes that count, and perhaps readings that nobody
// has counted.
func (t *tier) oldest() int {
	return slices.IndexFunc(t.segments, func(s *segment) bool { return s.bytes > 0 })
}

// remove deletes a segment's file.
func (t *tier) remove(s *segment) error {
	if s.number == t.number {
		t.end()
	}
	err := t.disk.Remove(t.path(s.number))
	if t.gone(s, err) {
		return nil
	}
	return err
}

// gone tells whether err means that a segment's file is not there any more, and
// not that its directory is away, with which it may come back.
func (t *tier) gone(s *segment, err error) bool {
	if !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	entries, err := t.disk.List(t.dir)
	there := func(e Entry) bool { return e.Name == filepath.Base(t.path(s.number)) }
	return err == nil && !slices.ContainsFunc(entries, there)
}

// forget takes a segment that was removed out of the list.
func (t *tier) forget(s *segment) {
	t.segments = slices.DeleteFunc(t.segments, func(o *segment) bool { return o == s })
	t.bytes -= s.bytes
}

// haves returns the readings in all segments, also in those that cannot be read
// now.
func (t *tier) haves() (all set) {
	for _, s := range t.segments {
		all.addAll(s.have)
	}
	return all
}

// holds returns the readings that can be loaded.
func (t *tier) holds() set {
	var have set
	if t != nil {
		for _, s := range t.segments {
			if s.failed.IsZero() {
				have.addAll(s.have)
			}
		}
	}
	return have
}

// has tells whether a reading is in a segment, also in one that cannot be read
// now.
func (t *tier) has(position uint64) bool {
	return t != nil && slices.ContainsFunc(t.segments, func(s *segment) bool { return s.have.has(position) })
}
