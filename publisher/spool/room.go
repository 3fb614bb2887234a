package spool

import (
	"errors"
	"io/fs"
	"slices"
)

// sweep deletes the segments that are no longer needed: none of their
// readings waits, or those that do are in the other store too. The last one
// with a snapshot is kept, as only it has the whole of what is known until the
// next one is written. t.writing must be held.
func (t *store) sweep() error {
	t.x.mu.Lock()
	needed, last := t.needed(), t.lastWhole()
	var over []*segment
	for _, seg := range t.segments {
		if seg != last && seg.failed.IsZero() && len(seg.have.within(needed)) == 0 {
			over = append(over, seg)
		}
	}
	t.x.mu.Unlock()
	for _, seg := range over {
		if err := t.remove(seg, nil); err != nil {
			return err
		}
	}
	if t.durable && len(over) > 0 {
		return t.disk.Sync(t.dir) // or they would be back after a power cut
	}
	return nil
}

// makeRoom deletes the oldest segments until n bytes fit, and reports whether
// they do: a segment with a waiting reading that is newer than newest stays.
// What this store is needed for is lost with a segment. On the disk that is so
// even for what the tmpfs has too, as it would only wait there to be written
// again, in the place of newer ones. t.writing must be held.
func (t *store) makeRoom(n int64, newest uint64) (room bool, err error) {
	for {
		t.x.mu.Lock()
		if t.bytes+n <= t.max || len(t.segments) < 2 { // the last one stays
			t.x.mu.Unlock()
			return true, nil
		}
		seg := t.segments[0]
		lost := seg.have.within(t.needed())
		t.x.mu.Unlock()
		if lost.last() > newest {
			return false, nil
		}
		if err := t.remove(seg, lost); err != nil {
			return false, err
		}
	}
}

// remove deletes a segment, and with it readings that are lost. It goes from
// the list before its file goes, or its readings would be taken for damaged.
func (t *store) remove(seg *segment, lost intervals) error {
	t.x.mu.Lock()
	if seg == t.current {
		t.end()
		t.current = nil
	}
	i := slices.Index(t.segments, seg)
	t.forget(seg)
	t.x.lose(lost, false)
	t.x.mu.Unlock()
	err := t.disk.Remove(t.path(seg.number))
	if err == nil || errors.Is(err, fs.ErrNotExist) || i < 0 {
		return nil
	}
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	t.segments = slices.Insert(t.segments, min(i, len(t.segments)), seg) // with nothing in it that is needed
	t.bytes += seg.bytes
	return err
}
