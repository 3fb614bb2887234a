package publisher

import (
	"bytes"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"sensorpub/publisher/spool"
)

// A moodyDisk is a file system in memory that outlives those who use it. All
// calls on a directory with a fault fail, or some.
type moodyDisk struct {
	mu     sync.Mutex
	random *rand.Rand
	files  map[string]*bytes.Buffer
	faults map[string]diskFault // by directory
}

// A diskFault makes calls fail.
type diskFault struct {
	name  string
	calls string // which; "": none
	oneIn int    // so many of them
}

const writes = "create write sync rename"

var (
	unwritable = diskFault{"cannot be written", writes, 1}
	away       = diskFault{"is gone", "lock list read remove " + writes, 1}
	diskFaults = []diskFault{
		{"works", "", 1},
		{"works", "", 1},
		unwritable,
		{"does not sync", "sync", 1},
		{"cannot be read", "read", 1},
		away,
		{"fails now and then", "lock list read remove " + writes, 4},
	}
)

func newMoodyDisk(seed uint64) *moodyDisk {
	return &moodyDisk{
		random: rand.New(rand.NewPCG(seed, 5)),
		files:  make(map[string]*bytes.Buffer), faults: make(map[string]diskFault),
	}
}

// fail begins a fault of a directory, or ends it.
func (m *moodyDisk) fail(dir string, f diskFault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[dir] = f
}

// can tells whether a call on a directory certainly works.
func (m *moodyDisk) can(call, dir string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !slices.Contains(strings.Fields(m.faults[dir].calls), call)
}

// empty removes all files of a directory, as a restart of the machine does.
func (m *moodyDisk) empty(dir string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.files, func(name string, _ *bytes.Buffer) bool { return path.Dir(name) == dir })
}

// do makes one call, unless it is to fail.
func (m *moodyDisk) do(call, name string, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := error(syscall.EIO)
	fault, ok := m.faults[name]
	if !ok {
		fault = m.faults[path.Dir(name)]
	}
	if !slices.Contains(strings.Fields(fault.calls), call) || m.random.IntN(fault.oneIn) > 0 {
		err = f()
	}
	if err != nil {
		return &fs.PathError{Op: call, Path: name, Err: err}
	}
	return nil
}

func (m *moodyDisk) nothing() error { return nil }

func (m *moodyDisk) Lock(dir string) (func(), error) {
	return func() {}, m.do("lock", dir, m.nothing)
}

func (m *moodyDisk) Sync(name string) error { return m.do("sync", name, m.nothing) }

func (m *moodyDisk) List(dir string) (all []spool.Entry, err error) {
	err = m.do("list", dir, func() error {
		for _, name := range slices.Sorted(maps.Keys(m.files)) {
			if path.Dir(name) == dir {
				all = append(all, spool.Entry{Name: path.Base(name), Regular: true})
			}
		}
		return nil
	})
	return all, err
}

func (m *moodyDisk) Read(name string) (b []byte, err error) {
	err = m.do("read", name, func() error {
		if m.files[name] == nil {
			return fs.ErrNotExist
		}
		b = bytes.Clone(m.files[name].Bytes())
		return nil
	})
	return b, err
}

// Create may leave an empty file when it fails.
func (m *moodyDisk) Create(name string) (spool.File, error) {
	f := &moodyFile{m, name, new(bytes.Buffer)}
	err := m.do("create", name, func() error {
		if m.files[name] != nil {
			return fs.ErrExist
		}
		m.files[name] = f.data
		return nil
	})
	if err == nil {
		return f, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.files[name] == nil && m.random.IntN(2) == 0 {
		m.files[name] = f.data
	}
	return nil, err
}

func (m *moodyDisk) Rename(from, to string) error {
	return m.do("rename", from, func() error {
		if m.files[from] == nil {
			return fs.ErrNotExist
		}
		m.files[to] = m.files[from]
		delete(m.files, from)
		return nil
	})
}

func (m *moodyDisk) Remove(name string) error {
	return m.do("remove", name, func() error {
		if m.files[name] == nil {
			return fs.ErrNotExist
		}
		delete(m.files, name)
		return nil
	})
}

// A moodyFile is an open one.
type moodyFile struct {
	of   *moodyDisk
	name string
	data *bytes.Buffer
}

// Write leaves some of what it is given when it fails.
func (f *moodyFile) Write(b []byte) (int, error) {
	err := f.of.do("write", f.name, func() error {
		f.data.Write(b)
		return nil
	})
	if err == nil {
		return len(b), nil
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	n := f.of.random.IntN(len(b))
	f.data.Write(b[:n])
	return n, err
}

func (f *moodyFile) Sync() error  { return f.of.do("sync", f.name, f.of.nothing) }
func (f *moodyFile) Close() error { return nil }
