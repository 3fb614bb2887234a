package publisher

import (
	"testing"
	"testing/synctest"
	"time"
)

// The card has readings of an outage, and only the runtime directory, which is
// away at the start, says that they and a newer one have been delivered.
func TestWhatWasDeliveredIsKnownLate(t *testing.T) {
	for backlog, left := range map[string]uint64{Replay: 6, Latest: 1, History: 6} {
		for _, connected := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				disk := newMoodyDisk(1)
				open := func() kept {
					q := NewQueue(testRoutes("a"), 2, DropOldest, backlog)
					q.Spool = keptSpool(q, disk, "/card", "/run")
					return openKept(t, q)
				}
				k := open()
				for range 6 {
					put(t, k.Queue, "a")
				}
				time.Sleep(time.Minute)
				disk.fail("/card", away) // or what is delivered would be removed from it
				k.Connected()
				deliverAll(k.Queue)
				put(t, k.Queue, "a")
				deliverAll(k.Queue)
				k.Commit()
				k.kill()

				disk.fail("/run", away)
				disk.fail("/card", diskFault{})
				k = open()
				if a := k.Account(); a.Queued != left {
					t.Fatalf("%s: got %v, want the %d readings on the card", backlog, a, left)
				}
				if connected {
					k.Connected()
					deliverSome(k.Queue, 3)
				}
				disk.fail("/run", diskFault{})
				time.Sleep(time.Minute)
				if !connected {
					k.Connected()
				}
				if retained, _ := deliverSome(k.Queue, 100); retained != 7 {
					t.Errorf("%s, connected %t: a%d is retained last, want a7", backlog, connected, retained)
				}
				if a := k.Account(); a.Read != left || a.Queued != 0 || len(a.Dropped) != 0 {
					t.Errorf("%s, connected %t: got %v, want %d read and nothing dropped", backlog, connected, a, left)
				}
				k.end()
				k = open()
				if a := k.Account(); a.Read != 0 {
					t.Errorf("%s, connected %t: got %v after a restart, want nothing left", backlog, connected, a)
				}
				k.end()
			})
		}
	}
}

// Of readings on the card the newest has been delivered before the others,
// which only the runtime directory says: a subscriber ends on it all the same.
func TestNewestThatWasDeliveredIsKnownLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := newMoodyDisk(1)
		open := func(backlog string) kept {
			q := NewQueue(testRoutes("a"), 2, DropOldest, backlog)
			q.Spool = keptSpool(q, disk, "/card", "/run")
			return openKept(t, q)
		}
		k := open(History)
		for range 6 {
			put(t, k.Queue, "a")
		}
		time.Sleep(time.Minute)
		k.Connected()
		deliverSome(k.Queue, 1)
		k.Commit()
		k.kill()

		disk.fail("/run", away)
		k = open(Replay)
		disk.fail("/run", diskFault{})
		time.Sleep(time.Minute)
		k.Connected()
		if retained, last := deliverSome(k.Queue, 100); retained != 6 || last != 6 {
			t.Errorf("a%d is retained last and a%d comes last, want a6", retained, last)
		}
		if got, want := k.Account().String(), "read 6 = acknowledged 5 + superseded 1 + rejected 0 + dropped 0 + queued 0"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		k.end()
	})
}
