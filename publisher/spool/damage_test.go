package spool

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

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
