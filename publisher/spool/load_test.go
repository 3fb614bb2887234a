package spool

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestNextGoesThroughTheWaitingInOrder(t *testing.T) {
	t.Parallel()
	s := testSpool(newMemoryFS())
	s.MaxBytes, s.Cache = 128<<10, 100
	mustOpen(t, s)
	all := appendMany(t, s, 1, 300)
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	all = append(all, appendMany(t, s, 301, 900)...) // the first ones are on the disk alone now
	for i, p := range all {
		if i%10 == 0 && !s.Settle(p) {
			t.Fatalf("reading %d was not waiting", i)
		}
	}
	records := readAll(s)
	checkRecords(t, records)
	if len(records) != 810 || records[0].Position != all[1] || records[809].Position != all[899] {
		t.Errorf("got %d records, %d to %d", len(records), number(records[0].Reading), number(records[809].Reading))
	}
	for i, p := range all {
		if got, want := s.Waits(p), i%10 != 0; got != want || s.Settle(p) != want {
			t.Fatalf("waits %d: got %t, want %t", i, got, want)
		}
	}
	if s.Waits(all[899]+1) || s.Waits(0) || s.Settle(all[899]+1) || s.Settle(0) {
		t.Error("what never was is waiting")
	}
	if r, ok, more := s.Next(0); ok || more || s.Waiting() != 0 || s.Load(0) {
		t.Errorf("got %v, %t, %t and %d waiting, want nothing", r, ok, more, s.Waiting())
	}
}

func TestNextAndLoad(t *testing.T) {
	t.Parallel()
	s := testSpool(newMemoryFS())
	s.Dir, s.Cache = "", 100
	mustOpen(t, s)
	all := appendMany(t, s, 1, 2000)
	next := func(after uint64) string {
		r, ok, more := s.Next(after)
		i, found := slices.BinarySearch(all, r.Position)
		switch {
		case ok && more || !ok && r.Position != 0 || ok && (!found || number(r.Reading) != uint64(i+1)):
			t.Fatalf("next of %d: got %+v, %t, %t", after, r, ok, more)
		case ok:
			return "memory"
		case more:
			return "file"
		}
		return "nothing"
	}
	for _, step := range []struct {
		what  string
		after uint64
		next  string
		load  bool
	}{
		{"the first is in a file, and is loaded", 0, "file", true},
		{"it is in memory, and there is nothing to load", 0, "memory", true},
		{"so is the last of the page", all[510], "memory", true},
		{"the one behind the page is not", all[511], "file", true},
		{"the page has taken its place", 0, "file", true},
		{"the newest are in memory always", all[1899], "memory", true},
		{"there is nothing behind the last", all[1999], "nothing", false},
	} {
		if got := next(step.after); got != step.next {
			t.Errorf("%s: got %s, want %s", step.what, got, step.next)
		}
		if step.next == "memory" {
			continue
		}
		if got := s.Load(step.after); got != step.load {
			t.Errorf("%s: got %t of Load, want %t", step.what, got, step.load)
		}
		if got := next(step.after); step.load && got != "memory" {
			t.Errorf("%s: got %s after Load, want memory", step.what, got)
		}
	}
	for _, p := range all {
		if p < all[700] {
			s.Settle(p)
		}
	}
	if r, ok, more := s.Next(0); r.Position != all[700] && ok || !ok && !more {
		t.Errorf("got %d, %t, %t, want the first that waits", r.Position, ok, more)
	}
}

// damage damages the n-th reading in each segment of a directory.
func damage(disk *memoryFS, dir string, n int) {
	for name, f := range disk.files {
		if !strings.HasPrefix(name, dir) || !strings.HasSuffix(name, segmentSuffix) {
			continue
		}
		f.data = slices.Clone(f.data)
		seen := 0
		for at := 0; at < len(f.data); {
			kind, _, payload, _ := parseFrame(f.data[at:])
			if kind == kindReading {
				seen++
			}
			if kind == kindReading && seen == n {
				f.data[at+headBytes] ^= 1
				break
			}
			at += overhead + len(payload)
		}
	}
}

// wantLosses checks what was lost since the last call, and that it counts as
// waiting until then.
func wantLosses(t *testing.T, s *Spool, overflow, damaged int) {
	t.Helper()
	before := s.Waiting()
	gotOverflow, gotDamaged := s.Losses()
	if gotOverflow != overflow || gotDamaged != damaged {
		t.Errorf("got %d dropped and %d damaged, want %d and %d", gotOverflow, gotDamaged, overflow, damaged)
	}
	if got := before - s.Waiting(); got != overflow+damaged {
		t.Errorf("got %d waiting less after Losses, want %d", got, overflow+damaged)
	}
	if again, more := s.Losses(); again+more != 0 {
		t.Errorf("got %d losses twice", again+more)
	}
}

func TestWhatIsDamagedWhileItWaitsIsLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dir  string
		want int // damaged
	}{
		"on the tmpfs, and not on the disk": {"/run", 1},
		"on the disk, and not on the tmpfs": {"/card", 0},
		"in both":                           {"/", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			s := testSpool(memory)
			s.Cache = 10
			if name == "on the tmpfs, and not on the disk" {
				s.Dir = ""
			}
			mustOpen(t, s)
			all := appendMany(t, s, 1, 100)
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
			damage(memory, c.dir, 50)
			records := readAll(s)
			checkRecords(t, records)
			wantLosses(t, s, 0, c.want)
			if len(records) != 100-c.want || s.Waits(all[49]) != (c.want == 0) || s.Settle(all[49]) != (c.want == 0) || s.State().Damaged != c.want {
				t.Errorf("got %d records, and %+v", len(records), s.State())
			}
		})
	}
}

// All of a page is damaged, and Load goes on to what is not.
func TestLoadGoesOnBehindWhatIsDamaged(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	s.Dir, s.Cache = "", 10
	mustOpen(t, s)
	appendMany(t, s, 1, 2000)
	for _, f := range memory.files {
		clear(f.data[110 : 100+91*1500])
	}
	if r, _, more := s.Next(0); !more || !s.Load(0) {
		t.Fatalf("got %v, want something to load", r)
	}
	r, ok, _ := s.Next(0)
	if n := number(r.Reading); !ok || n < 1400 || n > 1600 {
		t.Errorf("got reading %d, want the first behind what is damaged", n)
	}
	checkRecords(t, readAll(s))
	wantLosses(t, s, 0, int(number(r.Reading))-1)
}

// What was found to be lost at the end is told, too.
func TestWhatIsLostAtTheEndIsTold(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	s.Cache = 1
	mustOpen(t, s)
	all := appendMany(t, s, 1, 100)
	damage(memory, "/run", 99)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantLosses(t, s, 0, 1)
	if s.Waits(all[98]) || s.Kept() != 99 {
		t.Errorf("got %d kept, want 99", s.Kept())
	}
}

func TestWhatCannotBeReadComesBackOrIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, returns := range map[string]bool{"it comes back": true, "it is given up": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := testSpool(newMemoryFS())
				diskOnly(s)
				mustOpen(t, s)
				appendMany(t, s, 1, 100)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				var broken atomic.Bool
				reads := 0
				s = testSpool(&faultyFS{FS: s.Disk, fault: func(_ int, name string) fault {
					if broken.Load() && strings.HasSuffix(name, segmentSuffix) {
						reads++
						return fails
					}
					return works
				}})
				diskOnly(s)
				s.Cache, s.Clock = 10, testClock(time.Hour)
				mustOpen(t, s)
				live := s.Append(testReading(101)).Position
				broken.Store(true)
				for range 20 {
					if _, ok, more := s.Next(0); ok || !more || s.Load(0) {
						t.Fatalf("got %t, %t, want more that cannot be loaded", ok, more)
					}
					time.Sleep(time.Second)
				}
				if reads != 2 {
					t.Errorf("got %d reads in 20 s, want 2", reads)
				}
				if r, ok, _ := s.Next(live - 1); !ok || r.Position != live {
					t.Error("a live reading depends on what cannot be read")
				}
				wait := func(d time.Duration) {
					for range d / (20 * time.Second) {
						time.Sleep(20 * time.Second)
						s.Load(0)
					}
				}
				wait(9 * time.Minute)
				wantLosses(t, s, 0, 0)
				broken.Store(!returns)
				wait(2 * time.Minute)
				want := 1
				if returns {
					want = 101
				}
				if got := len(readAll(s)); got != want {
					t.Errorf("got %d readings, want %d", got, want)
				}
				wantLosses(t, s, 0, 101-want)
			})
		})
	}
}

// What is known is kept while a new segment cannot be begun, even if nothing
// waits.
func TestASnapshotIsKeptUntilTheNextIsWritten(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	failing := false
	disk := &faultyFS{FS: memory, fault: func(_ int, name string) fault {
		if failing && strings.Contains(name, segmentSuffix) {
			return tears
		}
		return works
	}}
	s := testSpool(disk)
	s.Dir = ""
	mustOpen(t, s)
	for _, p := range appendMany(t, s, 1, 100) {
		s.Settle(p)
	}
	s.Commit()
	failing = true
	for range 3 {
		s.Settle(appendMany(t, s, 101, 101)[0])
		s.tmpfs.tend(true)
	}
	stop(s)
	s = testSpool(memory)
	s.Dir, s.Clock = "", testClock(time.Hour)
	rec := mustOpen(t, s)
	k := Key{"outside", "temperature"}
	if got := s.snap.seqOf(k); got < 50 || got > 52 || number(rec.Newest[k].Reading) != 100 {
		t.Errorf("got seq %d, newest %+v", got, rec.Newest[k])
	}
}
