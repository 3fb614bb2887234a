package spool

import (
	"io/fs"
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
	s.Late = func() { a.waiting += len(s.Claim()) }
	rec := mustOpen(t, s)
	a.waiting += rec.Waiting
	a.damaged += rec.Damaged
	return s, a
}

// A segment that cannot be read at the start is kept, and its readings come
// when it can.
func TestASegmentThatIsReadableLaterIsClaimed(t *testing.T) {
	t.Parallel()
	for tier, set := range samples {
		t.Run(tier, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			s := testSpool(memory)
			set(s)
			mustOpen(t, s)
			all := appendMany(t, s, 1, 5)
			s.Settle(all[0])
			s.Commit()
			s.workCard(true)
			stop(s)
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

// Without a clock a process begins where the one before has begun. What that
// has left where it cannot be read at the start is not taken for what is new.
func TestPositionsDifferWithoutAClock(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]bool{"a file": false, "the directory": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			clock := func() (time.Time, time.Duration) { return time.Unix(30, 0), 30 * time.Second }
			s := testSpool(memory)
			cardOnly(s)
			s.Clock = clock
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			if err := s.spill(); err != nil {
				t.Fatal(err)
			}
			stop(s)
			delete(memory.files, "/card/state") // it would tell
			disk := &unreadFS{FS: memory, bad: "/card", away: away}
			s, told := openLate(t, disk, func(s *Spool) { cardOnly(s); s.Clock, s.BootID = clock, "2" })
			for _, p := range appendMany(t, s, 6, 8)[:2] {
				s.Settle(p)
			}
			disk.back(s)
			records := s.load(0, everything, 10, false)
			checkRecords(t, records)
			if *told != (audit{waiting: 5}) || len(records) != 6 {
				t.Errorf("got %+v, %d of which can be loaded with the new one, want 5 and 6", *told, len(records))
			}
		})
	}
}
