package spool

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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

// with returns the sample's disk with another content of one file.
func (sm sample) with(name string, b []byte) *memoryFS {
	disk := newMemoryFS()
	maps.Copy(disk.files, sm.disk.files)
	disk.files[name] = &memoryFile{of: disk, data: slices.Clip(b)}
	return disk
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

func TestAFlippedBitCostsAtMostItsRecord(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, sm sample, set func(*Spool), name string, b []byte) {
		var intact []string // each frame
		frames(b, func(kind byte, payload []byte, _ *scan) { intact = append(intact, string(kind)+string(payload)) })
		b = slices.Clone(b)
		for i := range b {
			for bit := range 8 {
				b[i] ^= 1 << bit
				what := fmt.Sprintf("%s with bit %d of byte %d flipped", name, bit, i)
				checkFlip(t, b, intact, what)
				if bit == i%8 && i%3 == 0 {
					sm.parse(t, b, what)
				}
				if exhaustive || bit == i%8 && i%12 == 0 {
					if lost, counted := sm.open(t, sm.with(name, b), set, what); lost > counted || counted > 1 {
						t.Fatalf("%s: got %d lost, %d counted at the start", what, lost, counted)
					}
				}
				b[i] ^= 1 << bit
			}
		}
	})
}

// checkFlip checks that all frames of b but one are what they were.
func checkFlip(t *testing.T, b []byte, intact []string, what string) {
	seen, readings := 0, 0
	got := frames(b, func(kind byte, payload []byte, s *scan) {
		if want := intact[s.frames-1]; kind != want[0] || string(payload) != want[1:] {
			t.Fatalf("%s: got a frame that was not written", what)
		}
		seen++
		if kind == kindReading {
			readings++
		}
	})
	counted := got.lost + got.other
	if got.tail > 0 {
		counted++
	}
	if seen != len(intact)-1 || counted != 1 || readings+got.lost != int(got.readings) {
		t.Fatalf("%s: got %d of %d frames, %d counted", what, seen, len(intact), counted)
	}
	if !strings.HasSuffix(strings.Fields(what)[0], stateName) {
		return
	}
	if _, whole := parseState(b, bootID{}); whole {
		t.Fatalf("%s: it is taken for a whole state file", what)
	}
}

// cleanCut marks a file that is cut where nothing shows it, or where a kill may
// have torn the last write.
const cleanCut = ", between two frames or pages"

func TestATruncatedFileKeepsWhatIsBefore(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, sm sample, set func(*Spool), name string, b []byte) {
		complete := 0 // records before the cut
		ends := make(map[int]bool)
		for at := 0; at < len(b); {
			_, _, payload, _ := parseFrame(b[at:])
			at += overhead + len(payload)
			ends[at] = b[at-overhead-len(payload)+2] == kindReading
		}
		for i := range b {
			if ends[i] {
				complete++
			}
			what := fmt.Sprintf("%s cut at %d", name, i)
			n := 0
			pg := frames(b[:i], func(kind byte, _ []byte, _ *scan) {
				if kind == kindReading {
					n++
				}
			})
			_, edge := ends[i]
			if edge || i%tmpfsPage == 0 {
				what += cleanCut
			}
			if n != complete || pg.lost != 0 || (pg.tail > 0) != (!edge && i > 0) {
				t.Fatalf("%s: got %d records, %d lost, tail of %d, want %d records", what, n, pg.lost, pg.tail, complete)
			}
			if exhaustive || i%9 == 0 {
				sm.parse(t, b[:i], what)
				sm.open(t, sm.with(name, b[:i]), set, what)
			}
		}
	})
}

func TestAZeroedSectorCostsWhatIsInIt(t *testing.T) {
	t.Parallel()
	eachFile(t, func(t *testing.T, sm sample, set func(*Spool), name string, b []byte) {
		_, all := sm.parse(t, b, name)
		for i := range b {
			what := fmt.Sprintf("%s with zeros at %d", name, i)
			z := slices.Clone(b)
			clear(z[i:min(i+512, len(z))])
			// 512 bytes touch 7 frames of 91 bytes or more.
			if i%3 != 0 {
				checkZeros(t, z, all, what)
				continue
			}
			if pg, n := sm.parse(t, z, what); all-n > 7 || all-n > pg.lost && pg.tail == 0 {
				t.Fatalf("%s: got %d lost, %d counted, tail of %d", what, all-n, pg.lost, pg.tail)
			}
			if exhaustive || i%63 == 0 {
				sm.open(t, sm.with(name, z), set, what)
			}
		}
	})
}

// checkZeros checks that of all readings in a file at most 7 are missing, and
// counted, without a look at what they say.
func checkZeros(t *testing.T, b []byte, all int, what string) {
	t.Helper()
	n := 0
	got := frames(b, func(kind byte, _ []byte, _ *scan) {
		if kind == kindReading {
			n++
		}
	})
	if all-n > 7 || all-n > got.lost && got.tail == 0 {
		t.Fatalf("%s: got %d lost, %d counted, tail of %d", what, all-n, got.lost, got.tail)
	}
}

func TestWhatIsNotASpoolsFile(t *testing.T) {
	t.Parallel()
	garbage := bytes.Repeat([]byte("\xd5\x9a\x02\x00\x10garbage "), 100)
	segment, state := "00000000000000aa.seg", "state"
	cases := map[string]map[string][]byte{
		"a file of garbage with a segment's name": {segment: garbage},
		"a file of garbage in the state's place":  {state: garbage},
		"empty files":                             {segment: nil, state: nil},
		"files of others":                         {"photo.jpg": garbage, "00000000000000AA.seg": garbage},
		"garbage behind each file":                {},
	}
	for name, files := range cases {
		for store, set := range samples {
			t.Run(name+", "+store, func(t *testing.T) {
				t.Parallel()
				sm := newSample(t, set)
				disk := sm.with("/card/state", sm.disk.files["/card/state"].bytes())
				for n, f := range disk.files {
					if len(files) == 0 {
						disk.files[n] = &memoryFile{of: disk, data: append(slices.Clip(f.data), garbage...)}
					}
				}
				for n, b := range files {
					disk.files["/card/"+n] = &memoryFile{of: disk, data: b}
					disk.files["/run/"+n] = &memoryFile{of: disk, data: b}
				}
				if lost, _ := sm.open(t, disk, set, name); lost != 0 {
					t.Errorf("got %d lost, want none", lost)
				}
				if files["photo.jpg"] == nil {
					return
				}
				for n := range files {
					if disk.files["/run/"+n] == nil || disk.files["/card/"+n] == nil {
						t.Errorf("%s is gone", n)
					}
				}
			})
		}
	}
}

func (f *memoryFile) bytes() []byte {
	if f == nil {
		return nil
	}
	return f.data
}

func TestATornEndIsCountedOnce(t *testing.T) {
	t.Parallel()
	for store, set := range samples {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			sm := newSample(t, set)
			for name, f := range sm.disk.files {
				if number, ok := segmentNumber(filepath.Base(name)); ok && sm.disk.files[strings.Replace(name, fmt.Sprint(number), fmt.Sprint(number+1), 1)] == nil {
					f.data = f.data[:len(f.data)-3]
				}
			}
			for i, want := range []int{1, 0} {
				s := testSpool(sm.disk)
				set(s)
				s.Clock = testClock(time.Duration(i+1) * time.Hour)
				if rec := mustOpen(t, s); rec.Damaged != want {
					t.Errorf("start %d: got %d damaged, want %d", i, rec.Damaged, want)
				}
				appendMany(t, s, 1000, 1000)
				if err := flushAny(s); err != nil {
					t.Fatal(err)
				}
				s.Settle(s.next - 1)
				s.Commit()
				stop(s)
			}
		})
	}
}

// flushAny flushes if there is a disk.
func flushAny(s *Spool) error {
	if s.disk == nil {
		return nil
	}
	return flush(s)
}
