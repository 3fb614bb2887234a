package publisher

import (
	"context"
	"testing"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A kept is a queue whose spool has both tiers and a worker.
type kept struct {
	*Queue
	end  func()
	kill func() // ends the worker and leaves all as it is
}

const keptBoot = "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11"

func newKept(t *testing.T, card, runtime string) kept {
	t.Helper()
	return newKeptAt(t, card, runtime, keptBoot, nil)
}

// newKeptAt has a boot id and a clock as well.
func newKeptAt(t *testing.T, card, runtime, boot string, clock sensors.Clock) kept {
	t.Helper()
	q := newTestQueue(4, DropOldest, Replay)
	q.Spool = keptSpool(q, nil, card, runtime)
	q.Spool.BootID, q.Spool.Clock = boot, clock
	return openKept(t, q)
}

// openKept takes over what an earlier one has left and starts the worker.
func openKept(t *testing.T, q *Queue) kept {
	t.Helper()
	left, err := q.Spool.Open()
	if err != nil {
		t.Fatal(err)
	}
	q.Restore(left)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		q.Spool.Run(ctx)
		close(ended)
	}()
	kill := func() {
		cancel()
		<-ended
	}
	return kept{Queue: q, kill: kill, end: func() {
		t.Helper()
		kill()
		q.Spool.Close()
		balanced(t, q)
	}}
}

// spoolOnly returns how many readings wait in the spool and not in memory.
func spoolOnly(q *Queue) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.gap.n
}

// keptSpool returns the spool of a queue.
func keptSpool(q *Queue, disk spool.FS, card, runtime string) *spool.Spool {
	return &spool.Spool{
		Dir: card, RuntimeDir: runtime, SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: 1 << 20,
		BootID: keptBoot, Lost: q.Lose, Late: q.Claim, Disk: disk,
	}
}

// deliverSome has up to so many messages delivered, and returns the reading that
// is retained last and the one that comes last.
func deliverSome(q *Queue, most int) (retained, last uint64) {
	deliver(q, most, func(d Delivery) {
		if last = d.Reading.Seq; d.Retain {
			retained = last
		}
	})
	return retained, last
}
