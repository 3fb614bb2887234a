package spool

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const damageRecords = 200

// A sample is a spool of 200 waiting records after 20 settled ones, in both
// stores, and in several segments.
type sample struct {
	disk  *memoryFS
	snap  *snapshot // the truth
	truth map[uint64]Record
	want  intervals // the waiting
}

func newSample(t *testing.T, set func(*Spool)) sample {
	t.Helper()
	sm := sample{disk: newMemoryFS(), truth: make(map[uint64]Record)}
	s := testSpool(sm.disk)
	s.MaxBytes = 64 << 10
	set(s)
	mustOpen(t, s)
	for n := range uint64(damageRecords + 20) {
		r := s.Append(testReading(n + 1))
		sm.truth[r.Position] = r
		if n < 20 {
			s.Settle(r.Position)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sm.snap, sm.want = s.snap, s.waiting
	sm.snap.settled = s.settled()
	return sm
}

func tmpfsOnly(s *Spool) { s.Dir = "" }
func diskOnly(s *Spool)  { s.RuntimeDir = "" }

var samples = map[string]func(*Spool){"tmpfs": tmpfsOnly, "disk": diskOnly}

// eachFile runs a test for each file of a sample of each store.
func eachFile(t *testing.T, test func(t *testing.T, sm sample, set func(*Spool), name string, b []byte)) {
	for store, set := range samples {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			sm := newSample(t, set)
			for _, name := range slices.Sorted(maps.Keys(sm.disk.files)) {
				test(t, sm, set, name, sm.disk.files[name].data)
			}
		})
	}
}

// with returns the sample's disk with another content of one file.
func (sm sample) with(name string, b []byte) *memoryFS {
	disk := newMemoryFS()
	maps.Copy(disk.files, sm.disk.files)
	disk.files[name] = &memoryFile{of: disk, data: slices.Clip(b)}
	return disk
}

func (f *memoryFile) bytes() []byte {
	if f == nil {
		return nil
	}
	return f.data
}

// parse reads a damaged file and returns the number of records in it. It
// checks that nothing is said that is not true.
func (sm sample) parse(t *testing.T, b []byte, what string) (content, int) {
	k := newSnapshot()
	pg := k.read(b, parseBootID(testBoot))
	records := pick(b, intervals{{0, maxPosition}}, parseBootID(testBoot))
	sm.check(t, records, what)
	if len(records) != pg.have.count() {
		t.Fatalf("%s: got %d records, and %d by position", what, len(records), pg.have.count())
	}
	for key, st := range k.streams {
		r := st.newest
		if r.Position == 0 {
			continue
		}
		if want, ok := sm.truth[r.Position]; !ok || r.Reading != want.Reading {
			t.Fatalf("%s: got newest %+v of %v, want %+v", what, r, key, want)
		}
	}
	for _, r := range records {
		if n := k.streams[r.key()].newest; n.Position < r.Position {
			t.Fatalf("%s: got newest at %d, though there is one at %d", what, n.Position, r.Position)
		}
	}
	for key, st := range k.streams {
		if want := sm.snap.seqOf(key); st.seq > want {
			t.Fatalf("%s: got sequence number %d of %v, want at most %d", what, st.seq, key, want)
		}
	}
	if wrong := k.settled.without(sm.snap.settled); len(wrong) > 0 {
		t.Fatalf("%s: got %v settled, which are not", what, wrong)
	}
	return pg, len(records)
}

func (sm sample) check(t *testing.T, records []Record, what string) {
	for _, r := range records {
		if want, ok := sm.truth[r.Position]; !ok || r.Reading != want.Reading {
			t.Fatalf("%s: got %+v, want %+v", what, r, want)
		}
	}
}

// cleanCut marks a file that is cut where nothing shows it, or where a kill may
// have torn the last write.
const cleanCut = ", between two frames or pages"

// open opens a damaged spool, and returns how many records are lost and how
// many are counted as that.
func (sm sample) open(t *testing.T, disk FS, set func(*Spool), what string) (lost, counted int) {
	s := testSpool(disk)
	s.MaxBytes = 64 << 10
	set(s)
	rec, err := s.Open()
	if err != nil {
		t.Fatalf("%s: got %v", what, err)
	}
	records := readAll(s)
	sm.check(t, records, what)
	if len(records) != rec.Waiting {
		t.Fatalf("%s: got %d records of %d waiting", what, len(records), rec.Waiting)
	}
	for key, st := range sm.snap.streams {
		got, seq := s.snap.seqOf(key), st.seq
		if got < seq && !strings.Contains(what, cleanCut) {
			t.Fatalf("%s: got sequence number %d of %v, want at least %d", what, got, key, seq)
		}
	}
	return sm.want.without(positions(records)).count(), rec.Damaged
}
