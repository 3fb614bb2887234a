package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const nextBoot = "00000000000000000000000000000002"

// reboot empties the runtime directory.
func reboot(m *memoryFS) {
	for name := range m.files {
		if strings.HasPrefix(name, "/run/") {
			delete(m.files, name)
		}
	}
}

// leaveOnCard leaves 100 readings, and returns the card's file with the last of
// them.
func leaveOnCard(t *testing.T) (memory *memoryFS, file string) {
	t.Helper()
	memory = newMemoryFS()
	s := testSpool(memory)
	mustOpen(t, s)
	appendMany(t, s, 1, 100)
	s.Close()
	reboot(memory)
	return memory, s.card.path(s.card.last().number)
}

// A wornFS has a card that can be read, all of it or but for a part.
type wornFS struct {
	FS
	read    func(name string, b []byte) ([]byte, error)
	aborted bool // nothing can be written or synced, as when the kernel has given its file system up
}

func (w *wornFS) Read(name string) ([]byte, error) {
	b, err := w.FS.Read(name)
	if err == nil && w.read != nil && strings.HasPrefix(name, "/card/") && strings.HasSuffix(name, segmentSuffix) {
		return w.read(name, b)
	}
	return b, err
}

func (w *wornFS) write(name string) error {
	if w.aborted && strings.HasPrefix(name, "/card") {
		return syscall.EROFS
	}
	return nil
}

func (w *wornFS) Sync(name string) error { return errors.Join(w.write(name), w.FS.Sync(name)) }

func (w *wornFS) Remove(name string) error {
	if err := w.write(name); err != nil {
		return err
	}
	return w.FS.Remove(name)
}

func (w *wornFS) Create(name string) (File, error) {
	if err := w.write(name); err != nil {
		return nil, err
	}
	return w.FS.Create(name)
}

// work runs the spool's worker for a while.
func work(t *testing.T, s *Spool, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	time.Sleep(d)
	cancel()
	<-ended
}

// A segment of the card cannot be read at the start, all of it or some of it.
func TestACardThatIsWornCostsWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		read func(b []byte) []byte // what is left
		log  string
	}{
		"a page of its middle": {
			func(b []byte) []byte { b = bytes.Clone(b); clear(b[4096:8192]); return b },
			"these readings are lost",
		},
		"the second half": {func(b []byte) []byte { return b[:len(b)/2] }, "these readings are lost"},
		"all of it":       {func([]byte) []byte { return nil }, "it is left where it is"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory, file := leaveOnCard(t)
				left := 0
				var log bytes.Buffer
				s, a := openLate(t, &wornFS{FS: memory, read: func(_ string, b []byte) ([]byte, error) {
					b = c.read(b)
					pg := newKnown().read(b, bootID{})
					left = pg.have.count()
					return b, syscall.EIO
				}}, func(s *Spool) {
					s.BootID, s.Log, s.MaxBytes = nextBoot, slog.New(slog.NewTextHandler(&log, nil)), 64<<10
				})
				work(t, s, 5*time.Minute)
				if a.waiting+a.damaged != 0 {
					t.Errorf("got %+v after 5 minutes, want what cannot be read to be tried again", a)
				}
				work(t, s, 6*time.Minute)
				if left == 0 {
					if a.waiting+a.damaged != 0 {
						t.Errorf("got %+v, want nothing told", a)
					}
				} else if a.waiting != left || left < 30 || a.damaged < 1 || a.damaged > 100-left {
					t.Errorf("got %+v, want %d waiting and the others counted as far as can be told", a, left)
				}
				var records []Record
				for after, more := uint64(0), true; more; {
					var some []Record
					if some, more = s.Load(after, everything, 10); len(some) == 0 {
						break
					}
					records, after = append(records, some...), some[len(some)-1].Position
				}
				checkRecords(t, records)
				if len(records) != left {
					t.Errorf("got %d records, want %d", len(records), left)
				}
				for n := uint64(101); left == 0 && n < 2000; n++ { // more than there is room for
					s.Append(testReading(n))
					if n%400 == 0 {
						work(t, s, time.Minute)
					}
				}
				if left == 0 && memory.files[file] == nil {
					t.Error("what was never read has been deleted")
				}
				if !strings.Contains(log.String(), "is tried again") || !strings.Contains(log.String(), c.log) {
					t.Errorf("got the log %s, want the failure and %q in it", log.String(), c.log)
				}
				s.Close()
			})
		})
	}
}

// The kernel has given the card's file system up, and the daemon is started
// again: what is there can be read.
func TestACardThatCannotBeSyncedIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, _ := leaveOnCard(t)
		worn := &wornFS{FS: memory, aborted: true}
		s, a := openLate(t, worn, func(s *Spool) { s.BootID = nextBoot })
		work(t, s, time.Minute)
		records, _ := s.Load(0, everything, 1000)
		if len(records) != 100 || a.waiting != 100 || s.State().Card.Cause == nil {
			t.Errorf("got %d records, %+v and %v, want all 100 and a card that fails", len(records), a, s.State().Card.Cause)
		}
		worn.aborted = false
		work(t, s, time.Minute)
		if cause := s.State().Card.Cause; cause != nil || len(s.card.loose) > 0 {
			t.Errorf("got %v and %q not synced, want a card that works", cause, s.card.loose)
		}
		s.Close()
	})
}

func TestDirectoriesThatAreExchangedAreKnownAgain(t *testing.T) {
	memory := newMemoryFS()
	s := testSpool(memory)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 20)
	s.spill() // an outage
	for _, p := range all[2:] {
		s.Settle(p) // and its end, but for two
	}
	s.Commit()
	s.Close()
	reboot(memory)
	s = testSpool(memory)
	s.BootID, s.Dir, s.RuntimeDir = nextBoot, "/run", "/card"
	rec := mustOpen(t, s)
	if rec.Waiting != 2 {
		t.Errorf("got %d waiting, want 2", rec.Waiting)
	}
	for k, n := range rec.Newest {
		if !n.Settled {
			t.Errorf("%v: the newest, %d, is taken for one that waits", k, number(n.Reading))
		}
	}
	s.Close()
}

// The card, or its files, or the runtime directory, is full of an earlier
// outage, cannot be read at the start and comes back during another one.
func TestWhatComesLateIsCountedWhenItIsDropped(t *testing.T) {
	for _, tier := range []string{"/card", "/card/0", "/run"} {
		t.Run(tier, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory := newMemoryFS()
				s := testSpool(memory)
				s.MaxBytes = 64 << 10
				mustOpen(t, s)
				appendMany(t, s, 1, 600)
				s.Close()
				if strings.HasPrefix(tier, "/card") {
					reboot(memory)
				} else {
					memory.files = kept(memory.files, "/run/")
				}
				var away atomic.Bool
				away.Store(true)
				disk := &faultyFS{FS: memory, fault: func(_ int, name string) fault {
					if away.Load() && strings.HasPrefix(name, tier) {
						return fails
					}
					return works
				}}
				s, a := openLate(t, disk, func(s *Spool) {
					s.MaxBytes = 64 << 10
					if tier == "/run" {
						s.Dir = ""
					}
				})
				lost := 0
				s.Lost = func() { lost += len(takeLost(s)) }
				for n := uint64(1001); n <= 1300; n++ {
					_, dropped := s.Append(testReading(n))
					lost += len(dropped)
				}
				work(t, s, 40*time.Second)
				away.Store(false)
				work(t, s, 2*time.Minute)
				records, _ := s.Load(0, everything, 10_000)
				if got := len(records) + lost; got != a.waiting+a.damaged+300 || a.waiting < 500 {
					t.Errorf("got %s, want all of %d found and 300 read", fmt.Sprint(len(records), " waiting and ", lost, " lost"), a.waiting)
				}
				s.Close()
			})
		})
	}
}

// kept returns the files below a directory.
func kept[F any](files map[string]F, dir string) map[string]F {
	rest := make(map[string]F)
	for name, f := range files {
		if strings.HasPrefix(name, dir) {
			rest[name] = f
		}
	}
	return rest
}
