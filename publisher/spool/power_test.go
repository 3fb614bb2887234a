package spool

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A powerFS knows what is durable: of each file what was synced, of each
// directory its names when it was synced. What is not, may be there after a
// power cut or not.
type powerFS struct {
	mu      sync.Mutex
	names   map[string]*powerFile
	durable map[string]*powerFile
	changes []func(names map[string]*powerFile) // since the last sync
}

type powerFile struct {
	of     *powerFS
	data   []byte
	synced int
}

func newPowerFS() *powerFS {
	return &powerFS{names: make(map[string]*powerFile), durable: make(map[string]*powerFile)}
}

// change changes names, not durably yet.
func (p *powerFS) change(c func(map[string]*powerFile)) {
	c(p.names)
	p.changes = append(p.changes, c)
}

func (p *powerFS) Lock(string) (func(), error) { return func() {}, nil }

func (p *powerFS) List(dir string) ([]Entry, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var entries []Entry
	for _, name := range slices.Sorted(maps.Keys(p.names)) {
		if filepath.Dir(name) == dir {
			entries = append(entries, Entry{filepath.Base(name), true})
		}
	}
	return entries, nil
}

func (p *powerFS) Read(name string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.names[name]; f != nil {
		return slices.Clone(f.data), nil
	}
	return nil, fs.ErrNotExist
}

func (p *powerFS) Create(name string) (File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names[name] != nil {
		return nil, fs.ErrExist
	}
	f := &powerFile{of: p}
	p.change(func(names map[string]*powerFile) { names[name] = f })
	return f, nil
}

func (p *powerFS) Rename(from, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.names[from]
	if f == nil {
		return fs.ErrNotExist
	}
	p.change(func(names map[string]*powerFile) { delete(names, from); names[to] = f })
	return nil
}

func (p *powerFS) Remove(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names[name] == nil {
		return fs.ErrNotExist
	}
	p.change(func(names map[string]*powerFile) { delete(names, name) })
	return nil
}

func (p *powerFS) Sync(dir string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.names[dir]; f != nil {
		f.synced = len(f.data)
		return nil
	}
	p.durable, p.changes = maps.Clone(p.names), nil
	return nil
}

func (f *powerFile) Write(b []byte) (int, error) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.data = append(f.data, b...)
	return len(b), nil
}

func (f *powerFile) Sync() error {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.synced = len(f.data)
	return nil
}

func (f *powerFile) Close() error { return nil }

// cut returns what may be on the card after the power was cut: the first
// changes of names, and of the data that was not synced part, with zeros or
// without.
func (p *powerFS) cut(changes int, part float64, zeros bool) *memoryFS {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := maps.Clone(p.durable)
	for _, c := range p.changes[:min(changes, len(p.changes))] {
		c(names)
	}
	left := newMemoryFS()
	for name, f := range names {
		if !strings.HasPrefix(name, "/card/") {
			continue
		}
		kept := f.synced + int(part*float64(len(f.data)-f.synced))
		data := slices.Clone(f.data[:kept])
		if zeros {
			data = append(data, make([]byte, len(f.data)-kept)...)
		}
		left.files[name] = &memoryFile{of: left, data: data}
	}
	return left
}

// The power is cut at any call: what had been flushed is there, and no
// sequence number is used again.
func TestAPowerCutLosesNothingThatWasFlushed(t *testing.T) {
	t.Parallel()
	for _, kind := range []fault{fails, tears} {
		t.Run(fmt.Sprintf("fault %d", kind), func(t *testing.T) {
			t.Parallel()
			for n := 1; n < 10000; n++ {
				if !cutAt(t, n, kind) {
					return
				}
			}
		})
	}
}

// liveUntil lives up to the n-th call of the file system, which works, fails or
// tears, and after which all fail.
func liveUntil(t *testing.T, disk FS, earlier intervals, n int, kind fault) *life {
	t.Helper()
	faulty := &faultyFS{FS: disk, fault: func(call int, _ string) fault {
		switch {
		case call < n:
			return works
		case call == n:
			return kind
		}
		return fails
	}}
	l := newLife(testSpool(faulty))
	l.dead = func() bool { return faulty.count() >= n }
	l.begin(t)
	l.onDisk = earlier
	if !l.dead() {
		l.live(31)
	}
	l.stop()
	return l
}

func cutAt(t *testing.T, n int, kind fault) (cut bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		power := newPowerFS()
		earlier := before(t, power, func(*Spool) {})
		l := liveUntil(t, power, earlier, n, kind)
		cut = l.dead()
		flushed := l.onDisk.within(l.waiting())
		flushed.addAll(earlier)
		for _, changes := range []int{0, 1, 2, 100} {
			for _, part := range []float64{0, 0.5, 1} {
				for _, zeros := range []bool{false, true} {
					what := fmt.Sprintf("call %d, %d changes, part %v, zeros %t", n, changes, part, zeros)
					l.afterCut(t, power.cut(changes, part, zeros), earlier, flushed, what)
				}
			}
		}
	})
	return cut
}

// afterCut checks what a process finds after a power cut.
func (l *life) afterCut(t *testing.T, disk FS, earlier, flushed intervals, what string) {
	t.Helper()
	s := testSpool(disk)
	s.Clock = testClock(2 * time.Hour)
	s.BootID = "another0-0000-0000-0000-000000000000"
	mustOpen(t, s)
	records := readAll(s)
	l.checkTrue(t, records, earlier, what)
	if missing := flushed.without(positions(records)); len(missing) > 0 {
		t.Fatalf("%s: missing %v of %d", what, missing, flushed.count())
	}
	for k, last := range l.lastSeqs() {
		if got := s.snap.seqOf(k); got < last {
			t.Fatalf("%s: got sequence number %d of %v, want at least %d", what, got, k, last)
		}
	}
}

// A process is killed at any call, and the power is cut while the next one is
// at work: what that took for flushed is there.
func TestAKillAndThenAPowerCut(t *testing.T) {
	t.Parallel()
	for n := 1; n < 10000; n++ {
		killed := false
		synctest.Test(t, func(t *testing.T) {
			power := newPowerFS()
			earlier := before(t, power, func(*Spool) {})
			l := liveUntil(t, power, earlier, n, fails)
			killed = l.dead()
			s := testSpool(power)
			s.Clock = testClock(2 * time.Hour)
			mustOpen(t, s)
			key := Key{"outside", "temperature"}
			seq := s.snap.seqOf(key)
			flushed := s.disk.holds().within(s.waiting)
			what := fmt.Sprintf("call %d", n)
			l.afterCut(t, power.cut(0, 0, false), earlier, flushed, what)
			s = testSpool(power.cut(0, 0, false))
			s.Clock, s.BootID = testClock(3*time.Hour), "2"
			mustOpen(t, s)
			if got := s.snap.seqOf(key); got < seq {
				t.Fatalf("%s: got sequence number %d, want at least %d", what, got, seq)
			}
		})
		if !killed {
			return
		}
	}
}

// A segment whose fdatasync failed may be in the page cache only. A start that
// finds it there makes it durable before it relies on it, and not the last one
// alone.
func TestAStartReliesOnWhatIsDurable(t *testing.T) {
	t.Parallel()
	power := newPowerFS()
	s, disk := halfSynced(t, power)
	disk.failing = false
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	stop(s)
	s = testSpool(power)
	s.Clock = testClock(time.Hour)
	mustOpen(t, s)
	left := power.cut(0, 0, false)
	for i, want := range []int{20, 10} {
		k := newSnapshot()
		if got := k.read(left.files[s.disk.path(s.disk.segments[i].number)].bytes(), s.boot).have.count(); got != want {
			t.Errorf("got %d readings in segment %d after a power cut, want %d", got, i, want)
		}
	}
}
