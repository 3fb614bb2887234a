package spool

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A batch whose fdatasync failed goes to a new segment: the kernel may have
// dropped it, and would say that a second fdatasync has worked.
func TestABatchThatWasNotSyncedIsWrittenAgainElsewhere(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s, disk := halfSynced(t, memory)
	if got := s.disk.holds().count(); got != 10 {
		t.Errorf("got %d on the disk, want 10", got)
	}
	disk.failing = false
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	if got := len(s.disk.segments); got != 2 {
		t.Fatalf("got %d segments, want 2", got)
	}
	if got := s.disk.current.have.count(); got != 10 {
		t.Errorf("got %d in the second segment, want 10", got)
	}
}

// halfSynced returns a spool with ten readings on the disk, and ten more in a
// batch whose fdatasync has failed, as the next ones do.
func halfSynced(t *testing.T, below FS) (*Spool, *failingSync) {
	t.Helper()
	disk := &failingSync{FS: below}
	s := testSpool(disk)
	mustOpen(t, s)
	appendMany(t, s, 1, 10)
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	appendMany(t, s, 11, 20)
	disk.failing = true
	if err := flush(s); err == nil {
		t.Fatal("got no error of a failing fdatasync")
	}
	return s, disk
}

type failingSync struct {
	FS
	failing bool
}

type failingSyncFile struct {
	File
	fs *failingSync
}

func (f *failingSync) Create(name string) (File, error) {
	file, err := f.FS.Create(name)
	return failingSyncFile{file, f}, err
}

func (f failingSyncFile) Sync() error {
	if f.fs.failing {
		return syscall.EIO
	}
	return nil
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
