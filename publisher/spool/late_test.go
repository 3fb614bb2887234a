package spool

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"
)

// An unreadFS has files, and perhaps directories, that cannot be read for a
// while, as after a run as root.
type unreadFS struct {
	FS
	bad   string            // what their names begin with; "": none
	away  bool              // the directory neither
	after func(name string) // is called after each read of a file
}

func (u *unreadFS) Lock(dir string) (func(), error) {
	if u.away && dir == u.bad {
		return nil, fs.ErrPermission
	}
	return u.FS.Lock(dir)
}

func (u *unreadFS) Read(name string) ([]byte, error) {
	if u.bad != "" && strings.HasPrefix(name, u.bad) && strings.HasSuffix(name, segmentSuffix) {
		return nil, fs.ErrPermission
	}
	b, err := u.FS.Read(name)
	if u.after != nil {
		u.after(name)
	}
	return b, err
}

// back makes all of it readable, and the spool look again.
func (u *unreadFS) back(s *Spool) {
	u.bad, u.away = "", false
	s.rechecked, s.retryRuntime, s.retryCard = time.Time{}, time.Time{}, time.Time{}
	s.healRuntime()
	s.recheckFailed()
	s.workCard(false)
	s.tellLost()
	s.tellLate()
}

// An audit is what a spool has told of readings of earlier processes.
type audit struct{ waiting, damaged int }

// openLate opens a spool an hour later and notes what it tells.
func openLate(t *testing.T, disk FS, set func(*Spool)) (*Spool, *audit) {
	t.Helper()
	s, a := testSpool(disk), new(audit)
	s.Clock = testClock(time.Hour)
	set(s)
	s.Late = func() { late, damaged, _ := s.Claim(); a.waiting += len(late); a.damaged += damaged }
	rec := mustOpen(t, s)
	a.waiting += rec.Waiting
	a.damaged += rec.Damaged
	return s, a
}

// leaveFive leaves five readings, of which the first is settled, in each tier.
func leaveFive(t *testing.T, set func(*Spool)) *memoryFS {
	t.Helper()
	memory := newMemoryFS()
	s := testSpool(memory)
	set(s)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 5)
	s.Settle(all[0])
	s.Commit()
	s.workCard(true)
	stop(s)
	return memory
}

// A segment that cannot be read at the start is kept, and its readings come
// when it can.
func TestASegmentThatIsReadableLaterIsClaimed(t *testing.T) {
	t.Parallel()
	for tier, set := range samples {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			memory := leaveFive(t, set)
			disk := &unreadFS{FS: memory, bad: "/"}
			s, told := openLate(t, disk, set)
			appendMany(t, s, 6, 6)
			disk.back(s)
			records := s.load(0, everything, 10, false)
			checkRecords(t, records)
			if *told != (audit{waiting: 4}) || len(records) != 5 {
				t.Errorf("got %+v, %d of which can be loaded with the new one, want 4 and 5", *told, len(records))
			}
		})
	}
}

// A reading that comes while a segment is read again is not missing in it.
func TestASegmentInUseIsReadAgainWhileReadingsCome(t *testing.T) {
	t.Parallel()
	disk := &unreadFS{FS: newMemoryFS()}
	s := testSpool(disk)
	s.Dir = ""
	mustOpen(t, s)
	appendMany(t, s, 1, 5)
	disk.bad = "/run"
	if records, more := s.Load(0, everything, 10); len(records) != 0 || !more {
		t.Fatalf("got %d records, %t, want none and more", len(records), more)
	}
	disk.bad = ""
	disk.after = func(string) {
		disk.after = nil
		appendMany(t, s, 6, 6)
	}
	s.recheckFailed()
	records, more := s.Load(0, everything, 10)
	checkRecords(t, records)
	if len(records) != 6 || more || s.State().Damaged != 0 {
		t.Errorf("got %d records, more: %t, %d damaged, want 6, none and none", len(records), more, s.State().Damaged)
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

// What is found damaged after the start is told, too.
func TestDamageThatComesLateIsTold(t *testing.T) {
	t.Parallel()
	for tier, set := range samples {
		for _, away := range []bool{false, true} {
			for _, n := range []int{3, 5} { // in the middle, and at the end
				t.Run(fmt.Sprintf("%s, away %t, reading %d", tier, away, n), func(t *testing.T) {
					t.Parallel()
					memory := leaveFive(t, set)
					if tier == "card tier" {
						n-- // as the first is not there
					}
					damage(memory, "/", n)
					disk := &unreadFS{FS: memory, bad: "/", away: away}
					if away {
						disk.bad = map[string]string{"card tier": "/card", "runtime tier": "/run"}[tier]
					}
					s, told := openLate(t, disk, set)
					appendMany(t, s, 6, 6)
					disk.back(s)
					if want := (audit{waiting: 3, damaged: 1}); *told != want || s.State().Damaged != 1 {
						t.Errorf("got %+v, and a state of %d damaged, want %+v", *told, s.State().Damaged, want)
					}
					if got := len(s.load(0, everything, 10, false)); got != 4 {
						t.Errorf("got %d that can be loaded, want 4", got)
					}
					s.Commit()
					if err := s.spillAny(); err != nil {
						t.Fatal(err)
					}
					stop(s)
					_, told = openLate(t, memory, set)
					if told.damaged != 0 {
						t.Errorf("got %d damaged after a restart, which were told before", told.damaged)
					}
				})
			}
		}
	}
}

// What is damaged is lost only if it was waiting and is nowhere else.
func TestOnlyWhatIsLostCountsAsDamaged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dirs    []string // where it is damaged
		set     func(*Spool)
		reading int
		settled bool
		want    audit
	}{
		"on the card, and intact in the runtime tier":     {dirs: []string{"/card"}, reading: 3, want: audit{5, 0}},
		"the card's last, and intact in the runtime tier": {dirs: []string{"/card"}, reading: 5, want: audit{5, 0}},
		"in the runtime tier, and intact on the card":     {dirs: []string{"/run"}, reading: 3, want: audit{5, 0}},
		"the runtime tier's last, and intact on the card": {dirs: []string{"/run"}, reading: 5, want: audit{5, 0}},
		"in both":                    {dirs: []string{"/run", "/card"}, reading: 3, want: audit{4, 1}},
		"the last of both":           {dirs: []string{"/run", "/card"}, reading: 5, want: audit{4, 1}},
		"settled":                    {dirs: []string{"/run"}, reading: 3, settled: true, set: runtimeOnly, want: audit{4, 0}},
		"not settled":                {dirs: []string{"/run"}, reading: 3, set: runtimeOnly, want: audit{4, 1}},
		"the last one":               {dirs: []string{"/run"}, reading: 5, set: runtimeOnly, want: audit{4, 1}},
		"on the card alone":          {dirs: []string{"/card"}, reading: 3, set: cardOnly, want: audit{4, 1}},
		"the last on the card alone": {dirs: []string{"/card"}, reading: 5, set: cardOnly, want: audit{4, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := newMemoryFS()
			if test.set == nil {
				test.set = func(*Spool) {}
			}
			s := testSpool(disk)
			test.set(s)
			mustOpen(t, s)
			all := appendMany(t, s, 1, 5)
			if err := s.spillAny(); err != nil {
				t.Fatal(err)
			}
			if test.settled {
				s.Settle(all[test.reading-1])
				s.Commit()
			}
			stop(s)
			for _, dir := range test.dirs {
				damage(disk, dir, test.reading)
			}
			s, told := openLate(t, disk, test.set)
			if *told != test.want {
				t.Errorf("got %+v, want %+v", *told, test.want)
			}
			checkRecords(t, s.load(0, everything, 10, false))
			appendMany(t, s, 6, 6)
			if err := s.spillAny(); err != nil {
				t.Fatal(err)
			}
			stop(s)
			if _, told = openLate(t, disk, test.set); *told != (audit{waiting: test.want.waiting + 1}) {
				t.Errorf("after a restart: got %+v, want one more waiting and none damaged", *told)
			}
		})
	}
}

// A reading that was torn as the tmpfs was full went to memory, and from there
// to the card.
func TestWhatWasTornAndWrittenElsewhereIsNotDamaged(t *testing.T) {
	t.Parallel()
	for name, begins := range map[string]bool{"in a segment": false, "where one begins": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full, made := false, false
			memory := newMemoryFS()
			s := testSpool(&faultyFS{FS: memory, fault: func(_ int, name string) fault {
				if !full || !strings.HasPrefix(name, "/run/") {
					return works
				}
				if begins && !made {
					made = true // what is torn is the write
					return works
				}
				return tears
			}})
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			if begins {
				s.runtime.end()
			}
			full = true
			appendMany(t, s, 6, 6)
			s.workCard(false)
			if err := s.spill(); err != nil {
				t.Fatal(err)
			}
			stop(s)
			_, told := openLate(t, memory, func(*Spool) {})
			if want := (audit{waiting: 6}); *told != want {
				t.Errorf("got %+v, want %+v", *told, want)
			}
		})
	}
}
