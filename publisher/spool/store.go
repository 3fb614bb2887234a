package spool

import (
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"sensorpub/sensors"
)

// A store is a sequence of segments in one directory. There are two. The one on a
// tmpfs has every reading, and its segments begin with a snapshot, so that older ones
// can be deleted. The one on the disk has readings that have been waiting for long,
// and each write to it is synced.
type store struct {
	directory
	max     int64  // bytes of all segments
	durable bool   // it is the one on the disk
	other   *store // what it also has is not needed here; nil: none
	message string // what the log says when it fails
	works   string // and when it works again

	writing  sync.Mutex // guards what follows: what only the writer uses
	file     File       // of the current segment; nil: the next write begins one
	fixed    int64      // bytes of the snapshot that it begins with
	done     tally      // the intact frames of the last segment that was written to
	doneOf   uint64     // its number; 0: there is none, or it is not known
	unsynced []string   // what was found and may not be durable
	leftover []string   // segments that were never put in their place
	out      writer     // used again for each write
	have     intervals  // the readings in out
	retry    time.Time  // when a store that fails is tried again
	pause    time.Duration
	streak   sensors.Streak

	cause error     // why it cannot be used; nil: it can; to be changed with both locks held
	since time.Time // since when
}

// chunk is the size of a segment, not counting its snapshot.
func (t *store) chunk() int64 { return min(max(t.max/16, 4<<10), 256<<10) }

// full reports whether the next write should begin a new segment. One is never
// smaller than its snapshot, so that snapshots are at most half of all.
func (t *store) full() bool {
	return t.file == nil || t.current.bytes-t.fixed >= max(t.chunk(), t.fixed) || t.done.frames > maxFrames
}

// put writes records, or the first of them that fill a segment, and returns how
// many it has handled. Those are lost if the store is full of newer ones.
// Settlements are written with them if the segments begin with a snapshot.
// t.writing must be held.
func (t *store) put(records []Record) (n int, err error) {
	begin := t.full()
	if begin {
		if err := t.sweep(); err != nil {
			return 0, err
		}
	}
	n, room := t.encode(records, begin)
	if !room {
		newest := uint64(math.MaxUint64) // settlements are worth more than any reading
		if n > 0 {
			newest = records[n-1].Position
		}
		if room, err = t.makeRoom(t.size(), newest); err != nil {
			return 0, err
		}
	}
	written := 0
	if room {
		written, err = t.write(begin)
	}
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	t.have = t.have[:0]
	for _, r := range records[:n] {
		t.have.add(r.Position, r.Position)
	}
	if !room {
		t.x.lose(t.have, false)
		return n, nil
	}
	return n, t.wrote(written, begin, err)
}

// encode makes the next write of as many records as fit, and returns how many
// those are, and whether there is room for it.
func (t *store) encode(records []Record, begin bool) (n int, room bool) {
	x, w := t.x, &t.out
	x.mu.Lock()
	defer x.mu.Unlock()
	w.buf, w.tally = w.buf[:0], t.done
	if begin {
		w.tally = tally{}
		w.header(header{
			number: t.number + 1, boot: x.boot, floor: x.snap.floor, next: x.next,
			previous: t.done, after: t.doneOf,
		})
	}
	if !t.durable {
		if begin {
			w.snapshot(x.snap, x.settled(), x.boot)
		} else {
			w.settled(x.unsaid)
			for key, seq := range x.skipped {
				w.seq(key, seq)
			}
		}
		x.unsaid = x.unsaid[:0] // if the write fails, a snapshot comes next
		clear(x.skipped)
	}
	if begin {
		t.fixed = int64(len(w.buf))
	}
	for n < len(records) && (n == 0 || int64(len(w.buf)) < t.fixed+t.chunk()) {
		w.reading(records[n], x.boot)
		n++
	}
	return n, t.bytes+t.size() <= t.max
}

// size is how much the next write takes at most, with the mark that it may put
// at the end of the segment before it.
func (t *store) size() int64 { return int64(len(t.out.buf) + overhead) }

// write appends t.out to the last segment, or begins one with it: under a
// temporary name, so that no segment is ever seen without its beginning. It
// returns how much of it came to be there. After an error the segment is not
// written to again: it may be torn, and the kernel may have dropped what it did
// not write.
func (t *store) write(begin bool) (n int, err error) {
	last := t.file
	if begin {
		t.number++ // even if it fails, as a file may be left
		if t.file, err = t.disk.Create(t.path(t.number) + newSuffix); err != nil {
			t.file = last
			t.end()
			return 0, err
		}
	}
	n, err = t.file.Write(t.out.buf)
	if err == nil && n < len(t.out.buf) {
		err = io.ErrShortWrite
	}
	if err == nil && t.durable {
		err = t.file.Sync()
	}
	if begin {
		err = t.place(last, err)
	}
	if err != nil {
		t.end()
	}
	return n, err
}

// place puts a segment that was begun after the last one, unless that has
// failed already.
func (t *store) place(last File, err error) error {
	if last != nil {
		if err == nil && !t.durable { // so that it is noticed if the next one is missing
			w := writer{tally: t.done}
			w.close(w.open(kindEnd))
			n, e := last.Write(w.buf)
			err = e
			t.x.mu.Lock()
			if slices.Contains(t.segments, t.current) {
				t.grow(n)
			}
			t.x.mu.Unlock()
		}
		last.Close()
	}
	name := t.path(t.number)
	if err == nil {
		err = t.disk.Rename(name+newSuffix, name)
	}
	if err == nil && t.durable {
		err = t.disk.Sync(t.dir)
	}
	if err != nil { // if this fails as well, the next start reads what is there
		t.disk.Remove(name + newSuffix)
		t.disk.Remove(name)
		return err
	}
	for _, name := range t.leftover {
		t.disk.Remove(name)
	}
	t.leftover = nil
	return nil
}

// wrote records the result of write: the last segment has the readings t.have.
// x.mu must be held.
func (t *store) wrote(n int, begin bool, err error) error {
	switch {
	case begin && err != nil:
		return err
	case begin:
		t.current = &segment{number: t.number, whole: !t.durable}
		t.segments = append(t.segments, t.current)
		t.doneOf = t.number
	}
	t.grow(n)
	if err != nil {
		return err
	}
	t.done = t.out.tally
	t.current.have.addAll(t.have)
	if len(t.x.loose) > 0 {
		t.x.loose = t.x.loose.without(t.have)
	}
	return nil
}

// end closes the last segment: what is written next begins a new one.
func (t *store) end() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// needed returns the waiting readings for which this store matters; t.x.mu
// must be held.
func (t *store) needed() intervals {
	if t.other == nil {
		return t.x.waiting
	}
	return t.x.waiting.without(t.other.holds())
}

// lastWhole returns the last segment with a whole snapshot, or nil.
func (t *store) lastWhole() *segment {
	for _, seg := range slices.Backward(t.segments) {
		if seg.whole && !t.durable {
			return seg
		}
	}
	return nil
}
