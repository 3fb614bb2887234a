package publisher

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// All of it is sent before anything is acknowledged.
func TestWhatIsAcknowledgedDoesNotComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		k := keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		put(t, k.Queue, "a", "a", "a", "a", "b")
		k.end(t)
		k = keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		k.Connected()
		ack(k.Queue, takeAll(k.Queue))
		balanced(t, k.Queue)
		k.end(t)
		k = keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		if a := k.Account(); a.Read != 0 {
			t.Errorf("got %v, want nothing that comes again", a)
		}
		k.end(t)
	})
}

// An earlier process has delivered the newest reading, and older ones wait: a
// subscriber ends on the newest all the same, and it is not announced as if it
// were of the present.
func TestWhatAnEarlierProcessDeliveredIsSentOnlyAfterOlderOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		k := keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		put(t, k.Queue, "a", "a", "a", "b")
		k.Connected()
		deliver(k.Queue, 2, func(Delivery) {}) // a3 and b1
		k.end(t)
		k = keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		k.Connected()
		var got string
		deliver(k.Queue, 100, func(d Delivery) {
			got += fmt.Sprintf(" %s%d", d.Reading.Sensor, d.Reading.Seq)
			if d.Retain {
				got += "r"
			}
		})
		if want := " a1 a2 a3r"; got != want {
			t.Errorf("got%s, want%s", got, want)
		}
		k.end(t)
	})
}

// A read that was under way when the daemon was told to stop ends after the
// queue was closed, or even after the spool was.
func TestReadingThatComesDuringTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(8, DropOldest, Replay)
		q.Close()
		if err := q.Put(t.Context(), sensors.Reading{Sensor: "a", Quantity: "temperature"}); err == nil || q.Account().Dropped[Stopped] != 1 {
			t.Errorf("in memory: got %v and %v, want an error and one dropped", err, q.Account())
		}
		dir := t.TempDir()
		k := keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		put(t, k.Queue, "a")
		k.Close()
		put(t, k.Queue, "a")
		k.end(t)
		put(t, k.Queue, "a") // in no file
		if a := k.Account(); a.Queued != 3 || k.spool.Kept() != 2 {
			t.Errorf("got %v and %d kept, want 3 queued and 2 kept", a, k.spool.Kept())
		}
		k = keep(t, newTestQueue(8, DropOldest, Replay), "", dir)
		if a := k.Account(); a.Queued != 2 {
			t.Errorf("got %v after a restart, want 2 queued", a)
		}
		k.end(t)
	})
}

// After a restart the spool has less room than before.
func TestWhatTheSpoolDropsAtTheStartIsInTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		room := func(n int64) func(*spool.Spool) { return func(s *spool.Spool) { s.MaxBytes = n } }
		k := keep(t, newTestQueue(4, DropOldest, Replay), "", dir, room(256<<10))
		for range 2000 {
			put(t, k.Queue, "a")
		}
		k.end(t)
		k = keep(t, newTestQueue(4, DropOldest, Replay), "", dir, room(64<<10))
		put(t, k.Queue, "a")
		balanced(t, k.Queue)
		if a := k.Account(); a.Read != 2001 || a.Dropped[Overflow] == 0 {
			t.Errorf("got %v, want 2001 read and some of them dropped", a)
		}
		k.end(t)
	})
}

func TestDropNewestCountsWhatWaitsInTheSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := restarted(t, t.TempDir(), DropNewest, 3, "a", "b")
		put(t, k.Queue, "a", "b", "b")
		want := "read 6 = acknowledged 0 + superseded 0 + rejected 0 + dropped 2 (overflow 2) + queued 4"
		if got := k.Account().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		k.Connected()
		deliverAll(k.Queue)
		put(t, k.Queue, "b")
		want = "read 7 = acknowledged 4 + superseded 0 + rejected 0 + dropped 2 (overflow 2) + queued 1"
		if got := k.Account().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		k.end(t)
	})
}

// What was dropped is not the newest of its topic for the next process.
func TestDroppedNewestIsNotPublishedAfterARestart(t *testing.T) {
	for backlog, want := range map[string]string{Replay: "a3r b1r a1 a2 a3r", History: "a3r b1r a1h a2h", Latest: "a3r b1r"} {
		t.Run(backlog, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				k := keep(t, newTestQueue(4, DropNewest, Replay), "", dir)
				put(t, k.Queue, "a", "a", "a", "b", "a", "a", "b")
				k.end(t)
				k = keep(t, newTestQueue(4, DropNewest, backlog), "", dir)
				k.Connected()
				var words []string
				deliver(k.Queue, math.MaxInt, func(d Delivery) { words = append(words, word(d)) })
				if got := strings.Join(words, " "); got != want {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				put(t, k.Queue, "a")
				expect(t, k.Queue, "a6r")
				k.end(t)
			})
		})
	}
}

// Whoever waits for room gets that of a reading in the spool that does not wait
// any longer.
func TestBlockWaitsForRoomInTheSpool(t *testing.T) {
	for _, c := range []struct {
		name    string
		sensors []string
		damaged bool
		reason  sensors.Reason
	}{
		{"its sensor is gone", []string{"b"}, false, Unwanted},
		{"it is damaged", []string{"a", "b"}, true, Damaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				k := restarted(t, dir, Block, 4, c.sensors...)
				if c.damaged {
					damageAll(t, dir)
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- k.Put(ctx, sensors.Reading{Sensor: "b", Quantity: "temperature", Time: time.Now()}) }()
				synctest.Wait()
				if a := k.Account(); a.Queued != 4 {
					t.Errorf("got %v, want 4 queued", a)
				}
				k.Connected()
				takeAll(k.Queue)
				k.Commit()
				synctest.Wait()
				cancel()
				if err := <-done; err != nil || k.Account().Dropped[c.reason] == 0 {
					t.Errorf("got %v, %v, want the room to be used", err, k.Account())
				}
				k.end(t)
			})
		})
	}
}

// The buses, the worker of the spool, the publisher and those who only look
// are at work at once, and the card is too small for what comes.
func TestAllAtOnceIsInTheAccount(t *testing.T) {
	for _, backlog := range []string{Replay, History, Latest} {
		dir := t.TempDir()
		k := keep(t, newTestQueue(20, DropOldest, backlog), filepath.Join(dir, "card"), filepath.Join(dir, "run"), func(s *spool.Spool) {
			s.SpillAfter, s.FlushInterval, s.MaxBytes = time.Millisecond, time.Millisecond, 64<<10
		})
		q := k.Queue
		var buses sync.WaitGroup
		for name, every := range map[string]int{"a": 1, "b": 300} {
			buses.Go(func() {
				for n := range 3000 {
					if n%every == 0 {
						q.Put(t.Context(), sensors.Reading{Sensor: name, Quantity: "temperature", Value: 20, Time: time.Now()})
					}
					if n%50 == 0 {
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		read := make(chan struct{})
		go func() {
			buses.Wait()
			close(read)
		}()
		for n, more := 1, true; more; n++ {
			select {
			case <-read:
				more = false
			case <-time.After(10 * time.Millisecond):
			}
			q.Connected()
			var window []Delivery
			for range 10 * n {
				if d, ok := take(q); ok {
					window = append(window, d)
				}
				if len(window) > 8 {
					q.Ack(window[0])
					window = window[1:]
				}
				q.Commit()
			}
			balanced(t, q)
			q.Reconfigure(testRoutes("a", "b"), Limits{10 + n%10, DropOldest, backlog, 0})
			q.Lost()
		}
		q.Connected()
		deliverAll(q)
		if a := q.Account(); a.Queued != 0 || a.Dropped[Damaged] != 0 {
			t.Errorf("%s: got %v, want nothing left and nothing damaged", backlog, a)
		}
		k.end(t)
	}
}

// A directory that is removed while it is in use costs nothing that is still in
// memory or in the other one, and is made anew.
func TestDirectoryThatIsRemovedCostsOnlyWhatWasThereAlone(t *testing.T) {
	for _, c := range []struct {
		name, dir  string
		cache      int
		lost, read uint64
	}{
		{"the tmpfs, with all in memory", "run", 100, 0, 41},
		{"the disk, with all on the tmpfs", "card", 100, 0, 41},
		{"the tmpfs, with half of it in memory alone", "run", 20, 20, 41},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				root := t.TempDir()
				card, run := filepath.Join(root, "card"), filepath.Join(root, "run")
				set := func(s *spool.Spool) { s.SpillAfter, s.FlushInterval = time.Minute, time.Minute }
				k := keep(t, newTestQueue(c.cache, DropOldest, Replay), card, run, set)
				for range 40 {
					put(t, k.Queue, "a")
				}
				if c.dir == "card" {
					time.Sleep(2 * time.Minute) // until all is on the disk
				}
				if err := os.RemoveAll(filepath.Join(root, c.dir)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(30 * time.Second)
				put(t, k.Queue, "a")
				if a := k.Account(); a.Dropped[Damaged] != c.lost || a.Read != c.read {
					t.Errorf("got %v, want %d of %d lost", a, c.lost, c.read)
				}
				time.Sleep(5 * time.Minute)
				k.end(t)
				k = keep(t, newTestQueue(c.cache, DropOldest, Replay), card, run, set)
				k.Connected()
				if got := len(deliverAll(k.Queue)); got != int(c.read-c.lost) {
					t.Errorf("%d readings were delivered by the next process, want %d", got, c.read-c.lost)
				}
				k.end(t)
			})
		})
	}
}
