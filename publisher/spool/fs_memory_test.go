package spool

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
)

// memoryFS is a file system in memory. How much it holds is bounded by who
// uses it.
type memoryFS struct {
	mu    sync.Mutex
	files map[string]*memoryFile
	locks map[string]bool
}

func newMemoryFS() *memoryFS {
	return &memoryFS{files: make(map[string]*memoryFile), locks: make(map[string]bool)}
}

type memoryFile struct {
	of   *memoryFS
	data []byte
}

func (m *memoryFS) Lock(dir string) (func(), error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locks[dir] {
		return nil, &fs.PathError{Op: "lock", Path: dir, Err: ErrInUse}
	}
	m.locks[dir] = true
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.locks, dir)
	}, nil
}

func (m *memoryFS) List(dir string) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var entries []Entry
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if filepath.Dir(name) == filepath.Clean(dir) {
			entries = append(entries, Entry{filepath.Base(name), true})
		}
	}
	return entries, nil
}

func (m *memoryFS) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	// What is appended later does not change what is returned here.
	return slices.Clip(f.data), nil
}

func (m *memoryFS) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	}
	f := &memoryFile{of: m}
	m.files[name] = f
	return f, nil
}

func (m *memoryFS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[from]
	if f == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	delete(m.files, from)
	m.files[to] = f
	return nil
}

func (m *memoryFS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	delete(m.files, name)
	return nil
}

func (m *memoryFS) Sync(string) error { return nil }

func (f *memoryFile) Write(b []byte) (int, error) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.data = append(f.data, b...)
	return len(b), nil
}

func (f *memoryFile) Sync() error  { return nil }
func (f *memoryFile) Close() error { return nil }
