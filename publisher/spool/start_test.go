package spool

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// An unreadFS has files, and perhaps directories, that cannot be read, as after
// a run as root.
type unreadFS struct {
	FS
	bad  string // what their names begin with; "": none
	away bool   // the directory neither
	part bool   // of files there is something to be read
}

func (u *unreadFS) Lock(dir string) (func(), error) {
	if u.bad != "" && u.away && strings.HasPrefix(dir, u.bad) {
		return nil, fs.ErrPermission
	}
	return u.FS.Lock(dir)
}

func (u *unreadFS) Read(name string) ([]byte, error) {
	b, err := u.FS.Read(name)
	if u.bad == "" || !strings.HasPrefix(name, u.bad) || errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if u.part {
		b = bytes.Clone(b)
		clear(b[len(b)*2/3 : len(b)*2/3+20])
		return b, syscall.EIO
	}
	return nil, fs.ErrPermission
}

// leaveFive leaves five readings, of which the first is settled, in each store.
func leaveFive(t *testing.T, set func(*Spool)) *memoryFS {
	t.Helper()
	memory := newMemoryFS()
	s := testSpool(memory)
	set(s)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 5)
	s.Settle(all[0])
	s.Commit()
	if err := flushAny(s); err != nil {
		t.Fatal(err)
	}
	stop(s)
	return memory
}

// reopen opens a spool some hours later.
func reopen(t *testing.T, disk FS, set func(*Spool), hours time.Duration) (*Spool, Recovered) {
	t.Helper()
	s := testSpool(disk)
	s.Clock = testClock(hours * time.Hour)
	set(s)
	return s, mustOpen(t, s)
}

// work runs the spool's worker for a while.
func work(s *Spool, d time.Duration) {
	stop := run(s)
	time.Sleep(d)
	stop()
}

// fill appends far more than there is room for.
func fill(t *testing.T, s *Spool) {
	t.Helper()
	for n := uint64(1); n <= 2000; n++ {
		s.Settle(s.Append(testReading(n)).Position)
		s.Append(testReading(n))
		if n%100 == 0 {
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Commit()
}

// What cannot be read at the start, as files or with the directory, stays where
// it is, even where room is made, and the next start takes it up.
func TestWhatCannotBeReadAtTheStartIsLeftToTheNextOne(t *testing.T) {
	t.Parallel()
	for store, set := range samples {
		for name, kind := range map[string]unreadFS{
			"files": {}, "the directory": {away: true}, "a part of files": {part: true},
		} {
			t.Run(store+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { leaveUnread(t, set, kind) })
			})
		}
	}
}

func leaveUnread(t *testing.T, set func(*Spool), disk unreadFS) {
	memory := leaveFive(t, set)
	left := make(map[string][]byte)
	var names []string
	for name, f := range memory.files {
		left[name] = f.data
		names = append(names, filepath.Base(name))
	}
	slices.Sort(names)
	disk.FS, disk.bad = memory, "/"
	var log bytes.Buffer
	small := func(s *Spool) {
		set(s)
		s.MaxBytes, s.Log = 64<<10, slog.New(slog.NewTextHandler(&log, nil))
	}
	s, rec := reopen(t, &disk, small, 1)
	if rec.Waiting+rec.Damaged+len(rec.Newest) != 0 {
		t.Errorf("got %+v", rec)
	}
	disk.bad = ""
	work(s, time.Minute)
	st := s.State().Tmpfs
	if s.disk != nil {
		st = s.State().Disk
	}
	if slices.Sort(st.Unread); !slices.Equal(st.Unread, names) || st.Cause != nil {
		t.Errorf("got %+v, want unread %q, and a store that works", st, names)
	}
	for _, name := range names {
		if !strings.Contains(log.String(), name) {
			t.Errorf("%s is not in the log %s", name, log.String())
		}
	}
	fill(t, s)
	for r := range slices.Values(readAll(s)) {
		s.Settle(r.Position)
	}
	s.Commit()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, b := range left {
		if f := memory.files[strings.Replace(name, "/state", "/state.unread", 1)]; f == nil || !bytes.Equal(f.data, b) {
			t.Errorf("%s is not what it was", name)
		}
	}
	s, rec = reopen(t, memory, set, 2)
	records := readAll(s)
	checkRecords(t, records)
	if rec.Waiting != 4 || len(records) != 4 || rec.Damaged != 0 || len(s.State().Disk.Unread)+len(s.State().Tmpfs.Unread) != 0 {
		t.Errorf("got %+v and %d records at the next start, want the 4 that are left", rec, len(records))
	}
	s.Close()
}

// A file of another version is neither read nor deleted.
func TestFilesOfAnotherVersion(t *testing.T) {
	t.Parallel()
	for store, set := range samples {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			memory := leaveFive(t, set)
			for _, f := range memory.files {
				f.data = withVersion(f.data, version+1)
			}
			old := newMemoryFS()
			for name, f := range memory.files {
				old.files[name] = &memoryFile{data: bytes.Clone(f.data)}
			}
			s, rec := reopen(t, memory, func(s *Spool) { set(s); s.MaxBytes = 64 << 10 }, 1)
			if rec.Waiting+rec.Damaged+len(rec.Newest) != 0 || s.snap.floor < jump {
				t.Errorf("got %+v and the floor %d, want nothing known, and a jump", rec, s.snap.floor)
			}
			fill(t, s)
			st := s.State()
			if got := append(st.Tmpfs.Unread, st.Disk.Unread...); len(got) != len(old.files) {
				t.Errorf("got %q unread, want %d files", got, len(old.files))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for name, f := range old.files {
				name = strings.Replace(name, "/state", "/state.unread", 1)
				now := memory.files[name]
				if now == nil || !bytes.Equal(now.data, f.data) {
					t.Errorf("%s is not what it was", name)
					continue
				}
				now.data = withVersion(now.data, version)
			}
			_, again := reopen(t, memory, set, 2)
			if want := s.count + 4; again.Waiting != want || again.Damaged != 0 {
				t.Errorf("got %+v once it is of this version, want %d waiting", again, want)
			}
		})
	}
}

// withVersion returns a file with another version in its header.
func withVersion(b []byte, v byte) []byte {
	b = bytes.Clone(b)
	_, _, body, _ := parseFrame(b)
	w := writer{buf: b[: headBytes+len(body) : headBytes+len(body)]}
	w.buf[headBytes] = v
	w.close(0)
	return append(w.buf, b[len(w.buf):]...)
}

// What is damaged is lost only if it was waiting and is nowhere else.
func TestOnlyWhatIsLostCountsAsDamaged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dirs             []string // where it is damaged
		set              func(*Spool)
		reading          int
		settled          bool
		waiting, damaged int
	}{
		"on the disk, and intact on the tmpfs":      {dirs: []string{"/card"}, reading: 3, waiting: 5},
		"the disk's last, and intact on the tmpfs":  {dirs: []string{"/card"}, reading: 5, waiting: 5},
		"on the tmpfs, and intact on the disk":      {dirs: []string{"/run"}, reading: 3, waiting: 5},
		"the last on the tmpfs, intact on the disk": {dirs: []string{"/run"}, reading: 5, waiting: 5},
		"in both":                    {dirs: []string{"/run", "/card"}, reading: 3, waiting: 4, damaged: 1},
		"the last of both":           {dirs: []string{"/run", "/card"}, reading: 5, waiting: 4, damaged: 1},
		"settled":                    {dirs: []string{"/run"}, reading: 3, settled: true, set: tmpfsOnly, waiting: 4},
		"not settled":                {dirs: []string{"/run"}, reading: 3, set: tmpfsOnly, waiting: 4, damaged: 1},
		"the last one":               {dirs: []string{"/run"}, reading: 5, set: tmpfsOnly, waiting: 4, damaged: 1},
		"on the disk alone":          {dirs: []string{"/card"}, reading: 3, set: diskOnly, waiting: 4, damaged: 1},
		"the last on the disk alone": {dirs: []string{"/card"}, reading: 5, set: diskOnly, waiting: 4, damaged: 1},
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
			if err := flushAny(s); err != nil {
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
			s, rec := reopen(t, disk, test.set, 1)
			if rec.Waiting != test.waiting || rec.Damaged != test.damaged {
				t.Errorf("got %+v, want %d waiting and %d damaged", rec, test.waiting, test.damaged)
			}
			checkRecords(t, readAll(s))
			appendMany(t, s, 6, 6)
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
			stop(s)
			if _, rec = reopen(t, disk, test.set, 2); rec.Waiting != test.waiting+1 || rec.Damaged != 0 {
				t.Errorf("after a restart: got %+v, want one more waiting and none damaged", rec)
			}
		})
	}
}

// A reading that was torn as the tmpfs was full went to memory, and from there
// to the disk.
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
				s.tmpfs.end()
			}
			full = true
			appendMany(t, s, 6, 6)
			s.disk.work(false)
			if err := flush(s); err != nil {
				t.Fatal(err)
			}
			stop(s)
			if _, rec := reopen(t, memory, func(*Spool) {}, 1); rec.Waiting != 6 || rec.Damaged != 0 {
				t.Errorf("got %+v, want 6 waiting", rec)
			}
		})
	}
}

// The kernel has given the disk's file system up, and the daemon is started
// again: what is there can be read.
func TestADiskThatCannotBeSyncedIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := leaveFive(t, diskOnly)
		broken := true
		disk := readable{faultyFS: &faultyFS{FS: memory, fault: func(int, string) fault {
			if broken {
				return fails
			}
			return works
		}}}
		s, rec := reopen(t, disk, diskOnly, 1)
		work(s, time.Minute)
		if got := len(readAll(s)); got != 4 || rec.Waiting != 4 || s.State().Disk.Cause == nil {
			t.Errorf("got %d readings, %+v and %v, want all 4 and a disk that fails", got, rec, s.State().Disk.Cause)
		}
		broken = false
		work(s, time.Minute)
		if cause := s.State().Disk.Cause; cause != nil || len(s.disk.unsynced) > 0 {
			t.Errorf("got %v and %q not synced, want a disk that works", cause, s.disk.unsynced)
		}
		s.Close()
	})
}

func TestDirectoriesThatAreExchangedAreKnownAgain(t *testing.T) {
	memory := newMemoryFS()
	s := testSpool(memory)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 20)
	if err := flush(s); err != nil { // an outage
		t.Fatal(err)
	}
	for _, p := range all[2:] {
		s.Settle(p) // and its end, but for two
	}
	s.Commit()
	s.Close()
	reboot(memory)
	s, rec := reopen(t, memory, func(s *Spool) { s.BootID, s.Dir, s.RuntimeDir = nextBoot, "/run", "/card" }, 1)
	if rec.Waiting != 2 {
		t.Errorf("got %d waiting, want 2", rec.Waiting)
	}
	for k, n := range rec.Newest {
		if !n.Settled {
			t.Errorf("%v: the newest, %d, is taken for one that waits", k, number(n.Reading))
		}
	}
	s.Close()
}
