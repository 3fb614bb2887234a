package spool

import (
	"errors"
	"io"
)

// FS is what the spool needs from a file system. Errors are those of package io/fs
// where it has one that fits.
type FS interface {
	// Lock locks dir for this process, and creates it if it is missing. If
	// another process has locked it, the error is ErrInUse.
	Lock(dir string) (unlock func(), err error)

	// List returns the entries of dir, sorted by name.
	List(dir string) ([]Entry, error)

	// Read returns the whole content of a file. With an error it returns what can
	// be read, with zeros in place of what cannot before that.
	Read(name string) ([]byte, error)

	// Create creates a file that does not exist yet, for appending.
	Create(name string) (File, error)

	// Rename puts a file in the place of another, which need not exist.
	Rename(from, to string) error

	Remove(name string) error

	// Sync makes the names in a directory durable, or what is in a file.
	Sync(name string) error
}

// An Entry is a name in a directory.
type Entry struct {
	Name    string
	Regular bool // a file, and not a directory, a link or a device
}

// A File can be appended to.
type File interface {
	io.WriteCloser
	Sync() error // makes what was written durable, as fdatasync(2)
}

// ErrInUse means that another process has locked a directory.
var ErrInUse = errors.New("in use by another process")
