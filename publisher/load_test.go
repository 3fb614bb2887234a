package publisher

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
)

// A slowDisk is one from which a file is read in so much time.
type slowDisk struct{ read time.Duration }

func (d *slowDisk) Read(name string) ([]byte, error) {
	time.Sleep(d.read)
	return os.ReadFile(name)
}

func (d *slowDisk) List(dir string) (all []spool.Entry, err error) {
	found, err := os.ReadDir(dir)
	for _, e := range found {
		all = append(all, spool.Entry{Name: e.Name(), Regular: true})
	}
	return all, err
}

func (d *slowDisk) Create(name string) (spool.File, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
}

func (d *slowDisk) Lock(string) (func(), error)  { return func() {}, nil }
func (d *slowDisk) Rename(from, to string) error { return os.Rename(from, to) }
func (d *slowDisk) Remove(name string) error     { return os.Remove(name) }
func (d *slowDisk) Sync(string) error            { return nil }

// A big spool of which nothing is to be sent takes long to read. Meanwhile
// acknowledgements are taken, the heart beats and a stop keeps its deadline.
func TestSpoolOfWhichNothingIsSentHoldsNothingUp(t *testing.T) {
	for _, c := range []struct {
		name, backlog string
		sensors       []string
		maxAge        time.Duration
	}{
		{"all is too old", Replay, []string{"a", "b"}, time.Minute},
		{"all is superseded", Latest, []string{"a", "b"}, 0},
		{"its sensor is gone", Replay, []string{"b"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir, disk := t.TempDir(), &slowDisk{}
				open := func(q *Queue) kept {
					return keep(t, q, "", dir, func(s *spool.Spool) { s.Disk = disk })
				}
				before := open(newTestQueue(20, DropOldest, Replay))
				for range 4000 {
					put(t, before.Queue, "a")
				}
				before.end(t)
				time.Sleep(time.Hour)

				r := newRig(t, pipeBroker(t), c.backlog)
				k := open(NewQueue(testRoutes(c.sensors...), Limits{20, DropOldest, c.backlog, 0}))
				r.queue = k.Queue
				r.queue.MaxAge = c.maxAge
				last, longest := time.Now(), time.Duration(0)
				r.pub.Queue, r.pub.Beat = r.queue, func() {
					longest = max(longest, time.Since(last))
					last = time.Now()
				}
				disk.read = time.Second
				put(t, r.queue, "b")
				r.start()
				time.Sleep(3500 * time.Millisecond)
				if a := r.queue.Account(); a.Acknowledged == 0 || a.Queued < 100 {
					t.Errorf("got %v in the midst of the spool, want the newest acknowledged", a)
				}
				if took, most := r.stop(), r.pub.Grace+2*time.Second; took > most {
					t.Errorf("the stop took %v, want up to %v", took, most)
				}
				if longest > 2*time.Second {
					t.Errorf("got %v between two beats, want about a second", longest)
				}
				disk.read = 0
				k.end(t)
			})
		})
	}
}
