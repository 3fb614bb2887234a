package spool

import (
	"fmt"
	"testing"
	"time"
)

func (m *memoryFS) size(t *testing.T) (size int64) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		size += int64(len(f.data))
	}
	return size
}

// checkNewest checks that the last n of readings up to last can be loaded, and
// nothing else.
func checkNewest(t *testing.T, s *Spool, last, n uint64) {
	t.Helper()
	records := readAll(s)
	checkRecords(t, records)
	if uint64(len(records)) != n || number(records[0].Reading) != last-n+1 || number(records[n-1].Reading) != last {
		t.Fatalf("got %d records, %d to %d, want the %d up to %d", len(records),
			number(records[0].Reading), number(records[len(records)-1].Reading), n, last)
	}
}

func TestTheTmpfsKeepsTheNewestWithinMaxBytes(t *testing.T) {
	t.Parallel()
	const all = 200_000
	for _, size := range []int64{64 << 10, 1 << 20} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			t.Parallel()
			disk := newMemoryFS()
			s := testSpool(disk)
			s.Dir, s.MaxBytes = "", size
			mustOpen(t, s)
			for n := uint64(1); n <= all; n++ {
				s.Append(testReading(n))
				if n%100 != 0 {
					continue
				}
				if got := disk.size(t); got > size {
					t.Fatalf("after %d: got %d bytes, want at most %d", n, got, size)
				}
			}
			lost := lose(s)
			checkNewest(t, s, all, all-uint64(lost))
			if got := disk.size(t); got < size*3/4 {
				t.Errorf("got %d bytes, want most of %d", got, size)
			}
			if st := s.State(); st.Dropped != lost || st.Tmpfs.Bytes != disk.size(t) {
				t.Errorf("got %+v, want %d dropped and %d bytes", st, lost, disk.size(t))
			}
		})
	}
}

func TestMemoryKeepsTheNewestWithinItsBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		runtimeDir string
		maxBytes   int64
		want       uint64
	}{
		"there is no tmpfs":            {"", 16 << 20, memoryBytes / recordBytes},
		"the tmpfs fails":              {"/run", 16 << 20, fallbackBytes / recordBytes},
		"there is little room, at all": {"", 64 << 10, 64 << 10 / recordBytes},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testSpool(&faultyFS{FS: newMemoryFS(), fault: func(int, string) fault { return fails }})
			s.Dir, s.RuntimeDir, s.MaxBytes, s.Cache = "", c.runtimeDir, c.maxBytes, 10
			mustOpen(t, s)
			kept := s.Append(testReading(1)).Position
			const all = 50_000
			for n := uint64(2); n <= all; n++ {
				p := s.Append(testReading(n)).Position
				if n < all/2 { // so that all but the first of these take no room
					s.Settle(p)
				}
				if n == all/2 && !s.Waits(kept) {
					t.Fatal("a reading was dropped though there was room")
				}
				if got := s.tail.n; got > int(c.want)+10 {
					t.Fatalf("after %d: got %d readings in memory, want at most %d", n, got, c.want)
				}
			}
			checkNewest(t, s, all, c.want)
			if want := all - all/2 + 2 - int(c.want); s.Kept() != 0 || s.Waiting() != int(c.want)+want || lose(s) != want {
				t.Errorf("got %d kept, %d waiting and not %d lost", s.Kept(), s.Waiting(), want)
			}
		})
	}
}

func TestTheDiskKeepsTheNewestWithinMaxBytes(t *testing.T) {
	t.Parallel()
	const all = 200_000
	for _, size := range []int64{64 << 10, 1 << 20} {
		t.Run(fmt.Sprintf("%d bytes", size), func(t *testing.T) {
			t.Parallel()
			disk := newMemoryFS()
			s := testSpool(disk)
			s.RuntimeDir, s.MaxBytes = "", size
			lost := 0
			mustOpen(t, s)
			for n := uint64(1); n <= all; n++ {
				s.Append(testReading(n))
				if n%200 != 0 {
					continue
				}
				if err := flush(s); err != nil {
					t.Fatal(err)
				}
				lost += lose(s)
				if got := disk.size(t); got > size+1000 { // and the state file
					t.Fatalf("after %d: got %d bytes, want at most %d", n, got, size)
				}
			}
			checkNewest(t, s, all, all-uint64(lost))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = testSpool(disk)
			s.RuntimeDir, s.MaxBytes, s.Clock = "", size, testClock(time.Hour)
			// What is in memory, too, and not on the disk any more, is gone.
			if rec := mustOpen(t, s); rec.Damaged != 0 || rec.Waiting == 0 {
				t.Errorf("got %+v after a restart", rec)
			}
			if st := s.State(); st.Disk.Bytes > size {
				t.Errorf("got %d bytes after a restart, want at most %d", st.Disk.Bytes, size)
			}
		})
	}
}

// While everything is settled, the tmpfs does not fill up.
func TestSettledReadingsTakeNoPlace(t *testing.T) {
	t.Parallel()
	disk := newMemoryFS()
	s := testSpool(disk)
	s.MaxBytes = 1 << 20
	mustOpen(t, s)
	for n := range uint64(50_000) {
		s.Settle(s.Append(testReading(n + 1)).Position)
		s.Commit()
		if got := len(s.tmpfs.segments); got > 2 {
			t.Fatalf("after %d: got %d segments, want at most 2", n, got)
		}
	}
	if got := len(s.settled()); got != 1 {
		t.Errorf("got a set of %d spans, want 1", got)
	}
	if got := s.State().Tmpfs; got.Waiting != 0 || got.Bytes > 200<<10 {
		t.Errorf("got %+v", got)
	}
}

// The stop writes what the tmpfs has to the disk, which may have no place for
// all of it.
func TestWhatTheStopHasToDropIsTold(t *testing.T) {
	t.Parallel()
	disk := newMemoryFS()
	s := testSpool(disk)
	s.MaxBytes = 64 << 10
	mustOpen(t, s)
	const all = 2000
	for n := uint64(1); n <= all; n++ {
		s.Append(testReading(n))
		if n == 600 {
			if err := flush(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	lost := lose(s)
	s = testSpool(disk)
	s.MaxBytes = 64 << 10
	if rec := mustOpen(t, s); rec.Waiting == 0 || rec.Waiting+lost != all {
		t.Errorf("got %d waiting after the stop, and %d told to be lost, want %d together", rec.Waiting, lost, all)
	}
}

// What has to be dropped at the start, as max_bytes was lowered, is among the
// waiting, and then among the losses.
func TestWhatTheStartHasToDropIsTold(t *testing.T) {
	t.Parallel()
	disk := newMemoryFS()
	s := testSpool(disk)
	s.Dir, s.MaxBytes = "", 256<<10
	mustOpen(t, s)
	appendMany(t, s, 1, 2000)
	stop(s)
	s = testSpool(disk)
	s.Dir, s.MaxBytes = "", 64<<10
	rec := mustOpen(t, s)
	overflow, damaged := s.Losses()
	if rec.Waiting != 2000 || overflow < 1000 || damaged != 0 || s.Waiting() != 2000-overflow {
		t.Errorf("got %+v, %d dropped, %d damaged and then %d waiting, want 2000 in all", rec, overflow, damaged, s.Waiting())
	}
}
