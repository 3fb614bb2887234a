package spool

import (
	"testing"
)

// samplePages returns files as they are written.
func samplePages() [][]byte {
	boot := parseBootID(testBoot)
	k := newSnapshot()
	var segment writer
	segment.header(header{number: 7, boot: boot, next: 50})
	for n := range uint64(5) {
		r := Record{40 + n, testReading(n + 1)}
		k.note(r)
		segment.reading(r, boot)
	}
	k.settled = intervals{{0, 39}, {41, 42}}
	segment.settled(k.settled)
	var state writer
	state.header(header{clean: true, boot: boot, floor: 3, next: 50})
	state.snapshot(k, k.settled, boot)
	return [][]byte{segment.buf, state.buf, segment.buf[:100], append(state.buf, segment.buf...), nil}
}

func FuzzSegment(f *testing.F) {
	for _, b := range samplePages() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k := newSnapshot()
		pg := k.read(b, parseBootID(testBoot))
		if got := len(pick(b, intervals{{0, maxPosition}}, bootID{})); got != pg.have.count() {
			t.Fatalf("got %d records, and %d by position", got, pg.have.count())
		}
		if pg.lost < 0 || pg.other < 0 || pg.tail > len(b) {
			t.Fatalf("got %+v", pg.scan)
		}
		for i, o := range k.settled {
			if o.lo > o.hi || i > 0 && o.lo <= k.settled[i-1].hi+1 {
				t.Fatalf("got the intervals %v", k.settled)
			}
		}
		// What was understood is understood again.
		var w writer
		w.snapshot(k, k.settled, parseBootID(testBoot))
		again := newSnapshot()
		again.read(w.buf, parseBootID(testBoot))
		if len(again.streams) != len(k.streams) || len(again.settled) != len(k.settled) {
			t.Fatalf("got %+v, want %+v", again, k)
		}
	})
}

func FuzzState(f *testing.F) {
	for _, b := range samplePages() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		k, whole := parseState(b, parseBootID(testBoot))
		if k == nil || whole && len(b) < headerBytes {
			t.Fatalf("got %+v, %t", k, whole)
		}
		disk := newMemoryFS()
		disk.files["/card/state"] = &memoryFile{of: disk, data: b}
		s := testSpool(disk)
		rec, err := s.Open()
		if err != nil || rec.Waiting != 0 {
			t.Fatalf("got %+v, %v", rec, err)
		}
		if !whole && len(b) > 0 && s.snap.floor < jump {
			t.Fatalf("got floor %d of a damaged file, want at least %d", s.snap.floor, jump)
		}
	})
}
