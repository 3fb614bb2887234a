package publisher

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// While the spool's directory is away nothing is given up, neither what only
// it has nor what is still in memory, and when it is back all goes out.
func TestSpoolThatIsAwayForAWhileLosesNothing(t *testing.T) {
	for name, replace := range map[string]func(dir string) error{
		"nothing is in its place": func(string) error { return nil },
		"a file is in its place":  func(dir string) error { return os.WriteFile(dir, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "spool")
				q := newTestQueue(4, DropOldest, Replay)
				q.Spool, _ = openSpool(t, dir)
				q.Spool.Lost = q.Lose
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go q.Spool.Run(ctx)
				for range 6 { // two of them are left to the spool
					put(t, q, "a")
				}
				if err := os.Rename(dir, dir+".away"); err != nil {
					t.Fatal(err)
				}
				if err := replace(dir); err != nil {
					t.Fatal(err)
				}
				q.Connected()
				expect(t, q, "a6r")
				if q.Refill() {
					t.Error("something was read of a directory that is away")
				}
				for range 6 { // more than there is room for
					put(t, q, "a")
				}
				time.Sleep(5 * time.Minute)
				balanced(t, q)
				os.Remove(dir)
				if err := os.Rename(dir+".away", dir); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				q.Lost()
				q.Connected()
				seen := deliverAll(q)
				for seq := uint64(1); seq <= 12; seq++ {
					if !seen[seq] {
						t.Errorf("reading %d was not delivered", seq)
					}
				}
				if a := q.Account(); a.Queued != 0 || a.Acknowledged != 12 {
					t.Errorf("got %v, want all acknowledged", a)
				}
			})
		})
	}
}

// deliverAll takes and acknowledges everything, also from the spool, and
// returns the sequence numbers.
func deliverAll(q *Queue) map[uint64]bool {
	seen := make(map[uint64]bool)
	for {
		d, ok := q.Next(true)
		if !ok && q.Refill() {
			continue
		}
		if !ok {
			return seen
		}
		seen[d.Reading.Seq] = true
		q.Ack(d)
	}
}

// A reading that is damaged counts once, though the queue misses it when it
// reads the spool and is told of it later, when others are in its place.
func TestDamagedReadingCountsOnce(t *testing.T) {
	dir := t.TempDir()
	q := newTestQueue(4, DropOldest, Replay)
	q.Spool, _ = openSpool(t, dir)
	put(t, q, "a")
	first := q.waiting[0].position
	for range 7 {
		put(t, q, "a")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.Index(b, []byte("temperature"))] ^= 1 // of the first reading
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	q.Connected()
	deliverAll(q)
	if got, want := q.Account().String(), "read 8 = acknowledged 7 + superseded 0 + rejected 0 + dropped 1 (damaged 1) + queued 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	q.Lost()
	for range 8 {
		put(t, q, "a")
	}
	q.forget([]uint64{first}, Damaged)
	q.Connected()
	deliverAll(q)
	if got, want := q.Account().String(), "read 16 = acknowledged 15 + superseded 0 + rejected 0 + dropped 1 (damaged 1) + queued 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
