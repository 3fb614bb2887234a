package spool

import (
	"errors"
	"io"
)

// FS is what the spool needs of a file system. Errors are those of package
// io/fs where it has one that fits.
type FS interface {
	// Lock takes dir for this process, and makes it if it is missing. If
	// another process has it, the error is ErrInUse.
	Lock(dir string) (unlock func(), err error)

	// List returns what is in dir, sorted by name.
	List(dir string) ([]Entry, error)

	// Read returns the whole of a file. With an error comes what can be read,
	// with zeros for what cannot before it.
	Read(name string) ([]byte, error)

	// Create makes a file that does not exist yet, for appending.
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

// A File takes what is appended to it.
type File interface {
	io.WriteCloser
	Sync() error // makes what was written durable, as fdatasync(2)
}

// ErrInUse says that another process has a directory.
var ErrInUse = errors.New("in use by another process")
