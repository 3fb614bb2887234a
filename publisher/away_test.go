package publisher

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/spool"
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

// takeAll takes everything that there is to send, also from the spool, and
// acknowledges nothing.
func takeAll(q *Queue) (ds []Delivery) {
	for {
		d, ok := q.Next(true)
		if !ok && q.Refill() {
			continue
		}
		if !ok {
			return ds
		}
		ds = append(ds, d)
	}
}

// wholeGap checks that the gap counts what waits in the spool only.
func wholeGap(t *testing.T, q *Queue) {
	t.Helper()
	q.Lose()
	records, _ := q.Spool.Load(0, math.MaxUint64, math.MaxInt32)
	want := 0
	for _, r := range records {
		if !q.holds(r.Position) {
			want++
		}
	}
	if got := q.gap.n; got != want {
		t.Fatalf("got %d in the gap, want the %d that wait in the spool only (%v)", got, want, q.Account())
	}
}

// deliverAll takes and acknowledges everything, also from the spool, and
// returns the sequence numbers.
func deliverAll(q *Queue) map[uint64]bool {
	seen := make(map[uint64]bool)
	deliver(q, math.MaxInt, func(d Delivery) { seen[d.Reading.Seq] = true })
	return seen
}

// deliver takes and acknowledges up to so many messages, also from the spool.
func deliver(q *Queue, most int, see func(Delivery)) {
	for range most {
		d, ok := q.Next(true)
		for !ok && q.Refill() {
			d, ok = q.Next(true)
		}
		if !ok {
			return
		}
		see(d)
		q.Ack(d)
	}
}

// damage flips a bit of the n-th reading in the only file of a directory.
func damage(t *testing.T, dir string, n int) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	parts := bytes.SplitAfterN(b, []byte("temperature"), n+1)
	parts[n-1][len(parts[n-1])-1] ^= 1
	if err := os.WriteFile(files[0], bytes.Join(parts, nil), 0o600); err != nil {
		t.Fatal(err)
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
	damage(t, dir, 1)
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

// The spool finds the damage while all goes out, and its worker tells when the
// connection has broken and others wait on both sides of it.
func TestDamageThatIsToldLateCountsOnce(t *testing.T) {
	dir := t.TempDir()
	q := newTestQueue(4, DropOldest, Replay)
	q.Spool, _ = openSpool(t, dir)
	for range 10 {
		put(t, q, "a")
	}
	damage(t, dir, 2)
	q.Connected()
	takeAll(q)
	q.Lost()
	for range 6 {
		put(t, q, "a")
	}
	q.Lose()
	if n := q.Account().Dropped[Damaged]; n != 1 {
		t.Fatalf("got %d damaged, want 1", n)
	}
	q.Connected()
	deliverAll(q)
	if got, want := q.Account().String(), "read 16 = acknowledged 15 + superseded 0 + rejected 0 + dropped 1 (damaged 1) + queued 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// In a long outage the card drops the only reading of b, which is still in
// memory, and tells so after b was acknowledged and forgotten.
func TestDropThatIsToldLateIsNotCounted(t *testing.T) {
	for _, c := range []struct {
		name   string
		flying bool // b was sent before the card drops it, and not after
		forget func(*Queue)
	}{
		{"the connection breaks again", false, func(q *Queue) { q.Lost(); q.Connected() }},
		{"many readings follow", true, func(q *Queue) {
			for range 100 {
				put(t, q, "a")
				ds, _ := next(q, 1)
				ack(q, ds)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				q := newTestQueue(4, DropOldest, History)
				q.Spool = &spool.Spool{
					Dir: filepath.Join(dir, "card"), RuntimeDir: filepath.Join(dir, "run"),
					SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: 64 << 10,
					BootID: "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11",
				}
				if _, err := q.Spool.Open(); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go q.Spool.Run(ctx)
				put(t, q, "a", "a", "b")
				b := q.waiting[2]
				var ds []Delivery
				connect := func() {
					q.Connected()
					ds, _ = next(q, 2)
				}
				if c.flying {
					connect()
				}
				for n := 0; q.Spool.Holds(b.position); n++ {
					if put(t, q, "a"); n%100 == 0 {
						time.Sleep(2 * time.Second)
					}
				}
				if !c.flying {
					connect()
				}
				ack(q, ds)
				if !b.settled {
					t.Fatal("b was not delivered, so nothing is tested")
				}
				c.forget(q)
				wholeGap(t, q)
				deliverAll(q)
				balanced(t, q)
				state := q.Spool.State()
				if n := state.Card.Waiting + state.Runtime.Waiting; n != 0 || q.Account().Queued != 0 {
					t.Errorf("got %d waiting in the spool and %v, want nothing left", n, q.Account())
				}
			})
		})
	}
}

// A reload decides the fate of what is read of the spool meanwhile.
func TestAReloadWhileTheSpoolIsRead(t *testing.T) {
	names := []string{"a"}
	for i := range 39 {
		names = append(names, fmt.Sprint("quiet", i))
	}
	q := NewQueue(testRoutes(names...), 100, DropOldest, Replay)
	q.Spool, _ = openSpool(t, t.TempDir())
	for range 10 {
		put(t, q, "a")
	}
	put(t, q, names[1:]...) // the newest of theirs, amidst what is left to the spool
	for range 150 {
		put(t, q, "a")
	}
	q.Connected()
	ds, _ := next(q, len(names))
	ack(q, ds) // they are to come again in their turn

	after, below, limit := q.beginLoad()
	records, more := q.Spool.Load(after, below, limit)
	q.Reconfigure(testRoutes(names...), 100, DropOldest, History, 0) // they are not
	put(t, q, "a")
	q.endLoad(records, !more)
	wholeGap(t, q)
	for _, d := range takeAll(q) {
		q.Ack(d)
	}
	balanced(t, q)
	if a := q.Account(); a.Queued != 0 || a.Acknowledged != 200 {
		t.Errorf("got %v, want all acknowledged", a)
	}
}
