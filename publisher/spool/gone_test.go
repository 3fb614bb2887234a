package spool

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A directory that is removed in use, or exchanged for another one, is made
// anew. What was in its files alone is lost and counted, and what is in memory
// or in the other store is not.
func TestADirectoryThatIsRemovedInUse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		set    func(*Spool)
		remove []string // of tmpfs and disk
		with   bool     // there is another directory in its place
		cache  int
		lost   int // of the first 200 readings
	}{
		"the tmpfs, all is in memory":        {set: tmpfsOnly, remove: []string{"tmpfs"}, cache: 1000},
		"the tmpfs, some is in memory":       {set: tmpfsOnly, remove: []string{"tmpfs"}, cache: 50, lost: 151},
		"the tmpfs, some is on the disk":     {remove: []string{"tmpfs"}, cache: 50, lost: 51},
		"the tmpfs, another is in its place": {set: tmpfsOnly, remove: []string{"tmpfs"}, with: true, cache: 50, lost: 151},
		"the disk, all is on the tmpfs":      {remove: []string{"disk"}, cache: 50},
		"the disk, another is in its place":  {remove: []string{"disk"}, with: true, cache: 50},
		"the disk, some is in memory":        {set: diskOnly, remove: []string{"disk"}, cache: 150, lost: 51},
		"both, some is in memory":            {remove: []string{"tmpfs", "disk"}, cache: 50, lost: 151},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := testSpool(nil)
				s.Dir, s.RuntimeDir = filepath.Join(root, "disk"), filepath.Join(root, "tmpfs")
				if c.set != nil {
					c.set(s)
				}
				s.Cache = c.cache
				var log bytes.Buffer
				s.Log = slog.New(slog.NewTextHandler(&log, nil))
				mustOpen(t, s)
				appendMany(t, s, 1, 100)
				if err := flushAny(s); err != nil {
					t.Fatal(err)
				}
				appendMany(t, s, 101, 200)
				stop := run(s)
				for _, dir := range c.remove {
					dir = filepath.Join(root, dir)
					if err := os.Rename(dir, dir+" away"); err != nil {
						t.Fatal(err)
					}
					if c.with {
						if err := os.Mkdir(dir, 0o700); err != nil {
							t.Fatal(err)
						}
					}
				}
				s.Append(testReading(201)) // one that is not lost, though it may be written to a file without a name
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				wantLosses(t, s, 0, c.lost)
				records := readAll(s)
				checkRecords(t, records)
				if len(records) != 201-c.lost || s.Kept() != len(records) || number(records[len(records)-1].Reading) != 201 {
					t.Errorf("got %d readings, %d of them kept, want %d", len(records), s.Kept(), 201-c.lost)
				}
				if st := s.State(); st.Tmpfs.Cause != nil || st.Disk.Cause != nil || st.Damaged != c.lost {
					t.Errorf("got %+v, want stores that work", st)
				}
				if n := strings.Count(log.String(), damagedMessage); c.lost > 0 != (n > 0) {
					t.Errorf("got %d lines of what is lost", n)
				}
				stop()
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			})
			s := testSpool(nil)
			s.Dir, s.RuntimeDir = filepath.Join(root, "disk"), filepath.Join(root, "tmpfs")
			s.Clock = testClock(time.Hour)
			if rec := mustOpen(t, s); rec.Waiting != 201-c.lost || rec.Damaged != 0 {
				t.Errorf("got %+v at the next start, want %d waiting", rec, 201-c.lost)
			}
			s.Close()
		})
	}
}

// The directory is back where it was, as after a mount that had covered it.
func TestADirectoryThatComesBackIsWrittenToAndNotRead(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := testSpool(nil)
		s.Dir, s.RuntimeDir, s.Cache = "", filepath.Join(root, "run"), 10
		mustOpen(t, s)
		appendMany(t, s, 1, 100)
		stop := run(s)
		away := s.RuntimeDir + " away"
		if err := os.Rename(s.RuntimeDir, away); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if err := os.Rename(away, s.RuntimeDir); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		wantLosses(t, s, 0, 90)
		st := s.State().Tmpfs
		if got := fmt.Sprint(st.Unread); st.Cause != nil || got != "[0000000000000001.seg]" {
			t.Errorf("got %+v, want a store that works, with the old segment unread", st)
		}
		stop()
		s.Close()
		s = testSpool(nil)
		s.Dir, s.RuntimeDir, s.Clock = "", filepath.Join(root, "run"), testClock(time.Hour)
		if rec := mustOpen(t, s); rec.Waiting != 10 || rec.Damaged != 0 {
			t.Errorf("got %+v at the next start, want the 10 that were not lost", rec)
		}
		s.Close()
	})
}

// One segment is deleted by somebody, and the others are still there.
func TestASegmentThatIsDeletedInUse(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	s.Dir, s.MaxBytes, s.Cache = "", 256<<10, 10
	mustOpen(t, s)
	appendMany(t, s, 1, 1000)
	if n := len(s.tmpfs.segments); n < 4 {
		t.Fatalf("got %d segments, want some", n)
	}
	gone := s.tmpfs.segments[1]
	delete(memory.files, s.tmpfs.path(gone.number))
	records := readAll(s)
	checkRecords(t, records)
	if want := 1000 - gone.have.count(); len(records) != want {
		t.Errorf("got %d readings, want %d", len(records), want)
	}
	wantLosses(t, s, 0, gone.have.count())
}
