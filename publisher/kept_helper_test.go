package publisher

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sensorpub/publisher/spool"
)

// A kept is a queue whose readings outlive it.
type kept struct {
	*Queue
	spool *spool.Spool
	kill  func() // ends the spool's worker and leaves all as it is
}

const testBoot = "3b0e1e4f-8f6a-4d42-9a55-0f3f5d0a4b11"

// keep gives a queue what an earlier one has left in two directories, of which
// each may be "", and starts the worker of the spool.
func keep(t *testing.T, q *Queue, card, runtime string, set ...func(*spool.Spool)) kept {
	t.Helper()
	s := &spool.Spool{
		Dir: card, RuntimeDir: runtime, SpillAfter: time.Second, FlushInterval: time.Second, MaxBytes: 1 << 20,
		Cache: q.Capacity, BootID: testBoot,
	}
	for _, f := range set {
		f(s)
	}
	left, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	q.Restore(s, left)
	balanced(t, q)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(ended)
	}()
	return kept{Queue: q, spool: s, kill: func() {
		cancel()
		<-ended
	}}
}

// end is a clean end.
func (k kept) end(t *testing.T) {
	t.Helper()
	k.kill()
	if err := k.spool.Close(); err != nil {
		t.Error(err)
	}
	balanced(t, k.Queue)
}

// restarted returns a queue of these sensors, of which an earlier process has
// left n readings of a in the spool.
func restarted(t *testing.T, dir, overflow string, n int, names ...string) kept {
	t.Helper()
	k := keep(t, newTestQueue(4, overflow, Replay), "", dir)
	for range n {
		put(t, k.Queue, "a")
	}
	k.end(t)
	return keep(t, NewQueue(testRoutes(names...), Limits{4, overflow, Replay, 0}), "", dir)
}

// damageAll flips a bit of the last byte but four of each frame with a reading,
// in all files of a directory.
func damageAll(t *testing.T, dir string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			if i+3 < len(b) && b[i] == 0xd5 && b[i+1] == 0x9a && b[i+2] == 2 {
				b[i+12] ^= 1
			}
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
