package publisher

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
)

// The card is away at the start and comes back, with readings of a sensor that
// has given none since, while others wait or nothing does.
func TestWhatComesLateIsInTheAccountAndDelivered(t *testing.T) {
	for name, n := range map[string]int{"while nothing waits": 0, "while little waits": 2, "while much waits": 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				card, runtime := filepath.Join(t.TempDir(), "card"), filepath.Join(t.TempDir(), "run")
				q := newKept(t, card, runtime)
				for range 20 {
					put(t, q.Queue, "a")
				}
				q.end()
				time.Sleep(time.Minute)
				os.RemoveAll(runtime) // as a restart of the machine does
				os.Rename(card, card+".away")
				os.WriteFile(card, nil, 0o600)
				q = newKept(t, card, runtime)
				for range n {
					put(t, q.Queue, "b")
				}
				q.end()
				q = newKept(t, card, runtime)
				for range n {
					put(t, q.Queue, "b")
				}
				if a := q.Account(); a.Queued != uint64(2*n) {
					t.Errorf("got %v, want %d queued", a, 2*n)
				}
				os.Remove(card)
				os.Rename(card+".away", card)
				time.Sleep(time.Minute)
				if a := q.Account(); a.Queued != uint64(20+2*n) {
					t.Errorf("got %v, want %d queued", a, 20+2*n)
				}
				q.Connected()
				deliverAll(q.Queue)
				if a := q.Account(); a.Queued != 0 || a.Acknowledged != uint64(20+2*n) {
					t.Errorf("got %v, want all acknowledged", a)
				}
				q.end()
				q = newKept(t, card, runtime)
				if a := q.Account(); a.Read != 0 {
					t.Errorf("got %v after a restart, want nothing left", a)
				}
				q.end()
			})
		})
	}
}

// What is found late can be the newest of its sensor.
func TestTheNewestCanComeLate(t *testing.T) {
	for backlog, want := range map[string]string{Replay: "a5r a1 a2 a3 a4 a5r", Latest: "a5r", History: "a5r a1h a2h a3h a4h"} {
		synctest.Test(t, func(t *testing.T) {
			card := filepath.Join(t.TempDir(), "card")
			k := newKept(t, card, filepath.Join(t.TempDir(), "run"))
			put(t, k.Queue, "a", "a", "a", "a", "a")
			k.end()
			if err := errors.Join(os.Rename(card, card+".away"), os.WriteFile(card, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			k = newKept(t, card, filepath.Join(t.TempDir(), "run"))
			k.Reconfigure(testRoutes("a", "b"), 10, DropOldest, backlog, 0)
			k.Connected()
			if err := errors.Join(os.Remove(card), os.Rename(card+".away", card)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			for k.Refill() {
			}
			expect(t, k.Queue, want)
			k.end()
		})
	}
}

// What is found late may be older than what was delivered, and does not take
// its place.
func TestWhatComesLateDoesNotReplaceANewerOne(t *testing.T) {
	for _, backlog := range []string{Replay, Latest, History} {
		synctest.Test(t, func(t *testing.T) {
			run := filepath.Join(t.TempDir(), "run")
			k := newKept(t, "", run)
			k.Reconfigure(testRoutes("a", "b"), 10, DropOldest, History, 0)
			put(t, k.Queue, "a", "a")
			k.Connected()
			if ds, look := next(k.Queue, 1); look != "a2r" {
				t.Fatalf("got %s, want a2r", look)
			} else {
				ack(k.Queue, ds)
			}
			k.end()
			if err := errors.Join(os.Rename(run, run+".away"), os.WriteFile(run, nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			k = newKept(t, "", run)
			k.Reconfigure(testRoutes("a", "b"), 10, DropOldest, backlog, 0)
			k.Connected()
			if err := errors.Join(os.Remove(run), os.Rename(run+".away", run)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			for _, d := range takeAll(k.Queue) {
				if d.Retain && d.Reading.Seq < 2 {
					t.Errorf("%s: a%d is retained after a2", backlog, d.Reading.Seq)
				}
				k.Ack(d)
			}
			if a := k.Account(); a.Queued != 0 {
				t.Errorf("%s: got %v, want nothing queued", backlog, a)
			}
			k.end()
		})
	}
}

// The newest reading is known from the state on the card, but the reading
// itself is where it cannot be read: it waits there and is not in the account.
func TestNewestThatCannotBeReadIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card, runtime := filepath.Join(t.TempDir(), "card"), filepath.Join(t.TempDir(), "run")
		q := newKept(t, card, runtime)
		put(t, q.Queue, "a", "b", "a", "b")
		q.end()
		time.Sleep(time.Minute)
		segments, _ := filepath.Glob(filepath.Join(card, "*.seg"))
		for _, s := range segments {
			os.Remove(s)
		}
		os.Rename(runtime, runtime+".away")
		os.WriteFile(runtime, nil, 0o600)
		q = newKept(t, card, runtime)
		balanced(t, q.Queue)
		q.Connected()
		deliverAll(q.Queue)
		if a := q.Account(); a.Queued != 0 || len(a.Dropped) != 0 {
			t.Errorf("got %v, want nothing queued and nothing dropped", a)
		}
		os.Remove(runtime)
		os.Rename(runtime+".away", runtime)
		time.Sleep(time.Minute)
		deliverAll(q.Queue)
		if a := q.Account(); a.Queued != 0 || a.Acknowledged != 4 || len(a.Dropped) != 0 {
			t.Errorf("got %v, want 4 acknowledged", a)
		}
		q.end()
	})
}

// What is found damaged when it comes late is in the account, too.
func TestDamageThatComesLateIsInTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := filepath.Join(t.TempDir(), "card")
		q := newKept(t, card, "")
		put(t, q.Queue, "a", "a", "a", "a", "a")
		q.end()
		time.Sleep(time.Minute)
		segments, _ := filepath.Glob(filepath.Join(card, "*.seg"))
		b, err := os.ReadFile(segments[0])
		if err != nil {
			t.Fatal(err)
		}
		b[bytes.Index(b, []byte("temperature"))] ^= 1 // of the first reading
		if err := os.WriteFile(segments[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		os.Rename(card, card+".away")
		os.WriteFile(card, nil, 0o600)
		q = newKept(t, card, "")
		put(t, q.Queue, "b")
		os.Remove(card)
		os.Rename(card+".away", card)
		time.Sleep(time.Minute)
		q.Connected()
		deliverAll(q.Queue)
		if got, want := q.Account().String(), "read 6 = acknowledged 5 + superseded 0 + rejected 0 + dropped 1 (damaged 1) + queued 0"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		q.end()
	})
}

// A machine that has lost its clock begins in 1970: what comes late lies behind
// what is new.
func TestWhatComesLateIsDeliveredWithoutAClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := filepath.Join(t.TempDir(), "card")
		open := func(boot string, up time.Duration) kept {
			start := time.Now()
			return newKeptAt(t, card, "", boot, func() (time.Time, time.Duration) {
				up := up + time.Since(start)
				return time.Unix(0, 0).Add(up), up
			})
		}
		q := open("1", 1000*24*time.Hour)
		put(t, q.Queue, "a", "a", "a", "a", "a")
		time.Sleep(10 * time.Second)
		q.end()
		os.Rename(card, card+".away")
		os.WriteFile(card, nil, 0o600)
		q = open("2", 20*time.Second)
		for range 8 {
			put(t, q.Queue, "b")
		}
		os.Remove(card)
		os.Rename(card+".away", card)
		time.Sleep(time.Minute)
		for range 8 {
			put(t, q.Queue, "b")
		}
		if a := q.Account(); a.Queued != 21 {
			t.Errorf("got %v, want 21 queued", a)
		}
		q.Connected()
		deliverAll(q.Queue)
		if a := q.Account(); a.Acknowledged != 21 || a.Queued != 0 {
			t.Errorf("got %v, want 21 acknowledged", a)
		}
		q.end()
	})
}

// What comes late is the newest of one sensor and lies before the newest of
// others, which wait already: those are not taken once more.
func TestWhatComesLateIsTakenOnce(t *testing.T) {
	for range 10 { // streams come in any order
		synctest.Test(t, func(t *testing.T) {
			disk := newMoodyDisk(1)
			open := func(runtime string) kept {
				q := NewQueue(testRoutes("a", "b", "c", "d", "e", "f"), 10, DropOldest, Replay)
				q.Spool = keptSpool(q, disk, "/card", runtime)
				return openKept(t, q)
			}
			q := open("/run")
			put(t, q.Queue, "a", "a")
			q.end()
			time.Sleep(time.Minute)
			disk.fail("/card", away)
			q = open("/run2")
			put(t, q.Queue, "b", "c", "d", "e", "f")
			q.end()
			q = open("/run2")
			disk.fail("/card", diskFault{})
			time.Sleep(time.Minute)
			if n := spoolOnly(q.Queue); n != 1 {
				t.Fatalf("got %d readings in the spool only, want one of the 7", n)
			}
			q.Connected()
			deliverAll(q.Queue)
			if a := q.Account(); a.Acknowledged != 7 || a.Queued != 0 {
				t.Errorf("got %v, want 7 acknowledged", a)
			}
			q.end()
		})
	}
}

// A secondRead fails the second read of each file.
type secondRead struct {
	*moodyDisk
	reads map[string]int
}

func (d secondRead) Read(name string) ([]byte, error) {
	if d.reads[name]++; d.reads[name] == 2 {
		return nil, errors.New("input/output error")
	}
	return d.moodyDisk.Read(name)
}

// What was read at the start and cannot be read right after it still waits.
func TestWhatFailsDuringTheStartIsInTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newMoodyDisk(1)
		open := func(fs spool.FS) *Queue {
			q := newTestQueue(4, DropOldest, Replay)
			q.Spool = keptSpool(q, fs, "", "/run")
			left, err := q.Spool.Open()
			if err != nil {
				t.Fatal(err)
			}
			q.Restore(left)
			return q
		}
		put(t, open(disk), "a", "a", "a", "a", "a")
		q := open(secondRead{disk, make(map[string]int)})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go q.Spool.Run(ctx)
		time.Sleep(time.Minute)
		q.Connected()
		deliverAll(q)
		if a := q.Account(); a.Acknowledged != 5 || a.Queued != 0 {
			t.Errorf("got %v, want 5 acknowledged", a)
		}
	})
}
