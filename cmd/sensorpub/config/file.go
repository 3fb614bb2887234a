package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"sensorpub/cmd/sensorpub/timeout"
)

// readWithin bounds the reading of a file, which may hang on a network file
// system.
const readWithin = 5 * time.Second

// readFile reads a regular file of at most limit bytes. Reading anything else,
// such as a named pipe, could hang. Its errors do not name the file.
func readFile(name string, limit int64) ([]byte, error) {
	if err := regular(os.Stat(name)); err != nil {
		return nil, cause(err) // opening some devices has side effects
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close()
	if err := regular(f.Stat()); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("larger than %s", size(limit))
	}
	return data, cause(err)
}

func regular(info fs.FileInfo, err error) error {
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("is a directory")
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	}
	return nil
}

// size formats a number of bytes.
func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// cause returns an error without the path that its message will name anyway.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// A reader reads the files that a configuration names, repeatedly. It abandons
// a read that hangs, and does not start another of that file until it has
// returned.
type reader struct {
	read func(name string, limit int64) ([]byte, error) // readFile, except in tests

	mu      sync.Mutex
	reading map[string]bool
}

func newReader() *reader { return &reader{read: readFile, reading: make(map[string]bool)} }

// file returns the content of a file, as [readFile] does.
func (r *reader) file(ctx context.Context, name string, limit int64) ([]byte, error) {
	r.mu.Lock()
	hangs := r.reading[name]
	r.reading[name] = true
	r.mu.Unlock()
	if hangs {
		return nil, errors.New("an earlier read is still hanging")
	}
	type result struct {
		data []byte
		err  error
	}
	got, err := timeout.Run(ctx, readWithin, func() result {
		data, err := r.read(name, limit)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.reading, name)
		return result{data, err}
	})
	if err != nil {
		return nil, err
	}
	return got.data, got.err
}
