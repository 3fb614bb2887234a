package publisher

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
)

// A directory of the spool is removed in the midst of an outage. What is still
// in memory is kept in the other one, or where the directory is made anew.
func TestDirectoryThatIsRemovedCostsNothingThatIsInMemory(t *testing.T) {
	for _, c := range []struct {
		name    string
		removed []string
		killed  int // readings of 40 that outlast a kill -9 as well
	}{
		{"the runtime directory", []string{"run"}, 40},
		{"the card's directory", []string{"card"}, 40},
		{"both", []string{"run", "card"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				card, runtime := filepath.Join(dir, "card"), filepath.Join(dir, "run")
				open := func(card, runtime string) kept {
					q := newKept(t, card, runtime)
					q.Capacity = 100
					return q
				}
				q := open(card, runtime)
				for n := range 40 {
					if n == 20 {
						for _, name := range c.removed {
							removeAll(t, filepath.Join(dir, name))
						}
					}
					put(t, q.Queue, "a")
					time.Sleep(time.Second)
				}
				time.Sleep(30 * time.Second)
				synctest.Wait()
				copied := t.TempDir()
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				q.end()
				if got := q.Spool.Kept(); got != 40 {
					t.Errorf("at the end %d are kept, want 40", got)
				}
				q = open(card, runtime)
				if seen := deliverNow(q.Queue); len(seen) != 40 {
					t.Errorf("after a stop %d readings came, want 40", len(seen))
				}
				q.end()
				q = open(filepath.Join(copied, "card"), filepath.Join(copied, "run"))
				if seen := deliverNow(q.Queue); len(seen) != c.killed {
					t.Errorf("after a kill %d readings came, want %d", len(seen), c.killed)
				}
				q.end()
			})
		})
	}
}

// A directory that stays away is made anew after 10 minutes, or once something
// else is in its place, and what only it had is counted.
func TestDirectoryThatStaysAwayIsMadeAnew(t *testing.T) {
	for _, c := range []struct {
		name   string
		remake bool
		after  time.Duration
	}{
		{"nothing is in its place", false, 11 * time.Minute},
		{"an empty one is in its place", true, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "run")
				q := newKept(t, "", dir)
				for range 10 { // six of them are left to the spool
					put(t, q.Queue, "a")
				}
				removeAll(t, dir)
				time.Sleep(10 * time.Second)
				if q.Spool.State().Runtime.Cause == nil {
					t.Error("after 10 s the spool has not noticed it")
				}
				if c.remake {
					synctest.Wait()
					os.Mkdir(dir, 0o700)
				}
				time.Sleep(c.after)
				if cause := q.Spool.State().Runtime.Cause; cause != nil {
					t.Errorf("%v later got %v, want a directory that works", c.after, cause)
				}
				if a := q.Account(); a.Queued+a.Dropped[Damaged] != 10 || a.Queued < 4 || q.Unkept() != 0 {
					t.Errorf("got %v and %d not kept, want those in memory kept and the others counted", a, q.Unkept())
				}
				q.end()
			})
		})
	}
}

// What has been acknowledged and is to come again in its turn is kept as well,
// and does not stand for a queued reading that is not.
func TestUnkeptCountsWhatIsInNoFile(t *testing.T) {
	long := strings.Repeat("x", 200) // so that 64 KiB hold few
	var names []string
	for i := range 12 {
		names = append(names, fmt.Sprint(long, i))
	}
	quiet, busy := names[0], names[1]
	q := NewQueue(testRoutes(names...), 100, DropOldest, Replay)
	q.Spool = &spool.Spool{
		RuntimeDir: t.TempDir(), SpillAfter: time.Hour, FlushInterval: time.Hour, MaxBytes: 64 << 10, Lost: q.Lose,
	}
	if _, err := q.Spool.Open(); err != nil {
		t.Fatal(err)
	}
	put(t, q, quiet)
	for range 150 {
		put(t, q, busy)
	}
	put(t, q, names[2:]...)
	q.Connected()
	ds, _ := next(q, len(names))
	ack(q, ds[1:]) // all but that of the quiet one, which is the oldest
	q.Lost()
	for range 90 {
		put(t, q, busy)
	}
	if q.Spool.Holds(ds[0].entry.position) || q.owed == 0 {
		t.Fatal("the spool has dropped nothing that is in memory, or nothing is to come again")
	}
	if got := q.Unkept(); got != 1 {
		t.Errorf("got %d that are in no file, want 1", got)
	}
}

// removeAll removes a directory while the worker of the spool does nothing,
// which would make a file in it meanwhile.
func removeAll(t *testing.T, dir string) {
	t.Helper()
	synctest.Wait()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}

// deliverNow delivers everything on a new connection.
func deliverNow(q *Queue) map[uint64]bool {
	q.Connected()
	return deliverAll(q)
}
