package spool

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"syscall"
)

// A faultyFS fails as it is told to.
type faultyFS struct {
	FS
	fault func(call int, name string) fault // of the n-th call, from 1

	mu    sync.Mutex
	calls int
}

type fault int

const (
	works fault = iota
	fails       // does nothing and returns an error
	tears       // of a write: does half of it, in /run up to a page's end, and returns an error; of others: does it and returns an error
)

var errFaults = []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO}

// next decides on a call.
func (f *faultyFS) next(name string) (fault, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	kind := f.fault(f.calls, name)
	if kind == works {
		return works, nil
	}
	return kind, errFaults[f.calls%len(errFaults)]
}

func (f *faultyFS) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// do does a call, or not.
func (f *faultyFS) do(name string, call func() error) error {
	kind, fault := f.next(name)
	if kind == fails {
		return fault
	}
	return errors.Join(call(), fault)
}

func (f *faultyFS) Lock(dir string) (unlock func(), err error) {
	kind, fault := f.next(dir)
	if kind != works {
		return nil, fault
	}
	return f.FS.Lock(dir)
}

func (f *faultyFS) List(dir string) (entries []Entry, err error) {
	if kind, fault := f.next(dir); kind != works {
		return nil, fault
	}
	return f.FS.List(dir)
}

func (f *faultyFS) Read(name string) (b []byte, err error) {
	kind, fault := f.next(name)
	if kind == fails {
		return nil, fault
	}
	b, err = f.FS.Read(name)
	if kind == tears {
		return b[:len(b)/2], fault
	}
	return b, err
}

func (f *faultyFS) Create(name string) (file File, err error) {
	err = f.do(name, func() (e error) { file, e = f.FS.Create(name); return e })
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: file, fs: f, name: name}, nil
}

func (f *faultyFS) Rename(from, to string) error {
	return f.do(from, func() error { return f.FS.Rename(from, to) })
}

func (f *faultyFS) Remove(name string) error {
	return f.do(name, func() error { return f.FS.Remove(name) })
}

func (f *faultyFS) Sync(dir string) error {
	return f.do(dir, func() error { return f.FS.Sync(dir) })
}

type faultyFile struct {
	File
	fs   *faultyFS
	name string
	size int
}

func (f *faultyFile) Write(b []byte) (int, error) {
	kind, fault := f.fs.next(f.name)
	switch kind {
	case fails:
		return 0, fault
	case tears:
		half := len(b) / 2
		if in(f.name, "/run/") { // as a tmpfs does
			half = max(0, (f.size+len(b))/tmpfsPage*tmpfsPage-f.size)
		}
		n, _ := f.File.Write(b[:half])
		f.size += n
		return n, fault
	}
	n, err := f.File.Write(b)
	f.size += n
	return n, err
}

func (f *faultyFile) Sync() error { return f.fs.do(f.name, f.File.Sync) }

func (f *faultyFile) Close() error { return f.File.Close() }

// in reports whether a name is in one of the tests' directories; "": in any.
func in(name, dir string) bool { return strings.HasPrefix(name, dir) }

// readable is a file system that can always be read, as one that is mounted
// read-only can, but for a directory that is away.
type readable struct {
	*faultyFS
	away string
}

func (r readable) Read(name string) ([]byte, error)  { return r.FS.Read(name) }
func (r readable) List(name string) ([]Entry, error) { return r.FS.List(name) }

func (r readable) Lock(dir string) (func(), error) {
	if dir == r.away {
		return nil, fs.ErrPermission
	}
	return r.FS.Lock(dir)
}
