package spool

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// osFS is the file system of the operating system. Files are never opened
// through a symbolic link; a directory may be one, which is what systemd makes of
// /var/lib/NAME for a service with DynamicUser=.
type osFS struct{}

// lockPatience is how long Lock waits for the lock of a process that has just
// been killed: a child that it was starting has it until its execve(2).
const lockPatience = time.Second

// Lock uses flock(2) on the directory itself: that leaves no file behind,
// works where nothing can be written, and ends with the process.
func (osFS) Lock(dir string) (func(), error) {
	if err := makeDir(dir, osFS{}.Sync); err != nil {
		return nil, err
	}
	d, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err = syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Since(start) > lockPatience {
			break
		}
	}
	if err == nil {
		return func() { d.Close() }, nil
	}
	d.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	return nil, &os.PathError{Op: "lock", Path: dir, Err: err}
}

// makeDir creates dir and its missing parents, and makes their names durable.
func makeDir(dir string, sync func(string) error) error {
	dir = filepath.Clean(dir)
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDir(above, sync); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return sync(above)
}

// maxFile is more than any file of the spool has, whatever MaxBytes is: tens of
// thousands of streams fit into it. A length that is damaged must not cost all
// memory.
const maxFile = 8 << 20

func (osFS) List(dir string) ([]Entry, error) {
	found, err := os.ReadDir(dir)
	var entries []Entry
	for _, e := range found {
		entries = append(entries, Entry{e.Name(), e.Type().IsRegular()})
	}
	return entries, err
}

func (osFS) Read(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	// A segment that is being appended to may have grown since: what counts
	// was written before.
	b := make([]byte, min(info.Size(), maxFile))
	return readAround(f, b)
}

// What readAround steps over, a page of memory at a time, and how often: on a
// card that is dead each attempt may take seconds.
const (
	badPage  = 4 << 10
	badPages = 4
)

// readAround fills b, but for the end where r has less, and where a few pages of
// it cannot be read. The error is that of the first of them.
func readAround(r io.ReaderAt, b []byte) (all []byte, err error) {
	good, bad := 0, 0
	for at := 0; at < len(b); {
		n, e := r.ReadAt(b[at:], int64(at))
		if at += n; n > 0 {
			good = at
		}
		if e == nil || errors.Is(e, io.EOF) {
			break
		}
		if bad++; err == nil {
			err = e
		}
		if bad == badPages {
			break
		}
		next := min(at-at%badPage+badPage, len(b))
		clear(b[at:next])
		at = next
	}
	return b[:good], err
}

func (osFS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Rename(from, to string) error { return os.Rename(from, to) }
func (osFS) Remove(name string) error     { return os.Remove(name) }

func (osFS) Sync(name string) error {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

type osFile struct{ *os.File }

func (f osFile) Sync() error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
		}
	}
}
