package sensors

import (
	"context"
	"fmt"
	"time"
)

// StuckAfter is how long a read may take. One that takes longer makes its
// sensor unavailable. The kernel takes 2.4 s for a DS18B20 and longer for one
// that fails.
const StuckAfter = 15 * time.Second

// idleBeat is the longest sleep of the scheduler between two heartbeats.
const idleBeat = 10 * time.Second

// A Scheduler hands each probe to its bus when it is due. Probes with the same
// interval are due at the same instants and are handed over together.
type Scheduler struct {
	Buses  []*Bus
	Change <-chan []*Bus // replaces Buses; nil: never
	Beat   func()        // called at least every 10 s while the scheduler is alive
}

// Run schedules until ctx ends. It never waits for a bus: one that is still
// busy misses its turn, and the probes on it are due again one interval later.
func (s *Scheduler) Run(ctx context.Context) error {
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s.Buses = <-s.Change:
		case <-timer.C:
		}
		s.Beat()
		now := time.Now()
		next := now.Add(idleBeat)
		for _, b := range s.Buses {
			next = earlier(next, b.handOver(start, now))
			next = b.expire(start, now, next)
			b.watch(now)
		}
		timer.Reset(time.Until(next))
	}
}

// handOver marks what is due at now, wakes the bus for it, and returns when its
// next probe is due.
func (b *Bus) handOver(start, now time.Time) time.Time {
	next := now.Add(idleBeat)
	woken := false
	for _, st := range b.list() {
		if !st.due.After(now) {
			st.due = after(start, now, st.probe.Interval)
			if !st.pending.CompareAndSwap(false, true) {
				st.miss() // it still waits for its last turn
			}
			woken = true
		}
		next = earlier(next, st.due)
	}
	if woken {
		b.stir()
	}
	return next
}

// after returns the first instant later than now that is a whole number of
// intervals from start, so that a late tick does not shift those that follow.
func after(start, now time.Time, interval time.Duration) time.Time {
	n := now.Sub(start)/interval + 1
	return start.Add(n * interval)
}

// watch reports a read that does not return, once, and with it the probes that
// wait for their turn behind it: nothing is known of them any more.
func (b *Bus) watch(now time.Time) {
	r := b.current.Load()
	if r == nil || now.Sub(r.start) < StuckAfter {
		return
	}
	if r != b.hung && !r.station.gone.Load() {
		b.hung = r
		b.turnBad(r.station, errStuck)
		b.spoilAll(r.station)
	}
	for _, st := range b.list() {
		if st != r.station && st.pending.Load() && st.status().BadSince.IsZero() {
			b.turnBad(st, fmt.Errorf("read: waits for %s, which holds the bus", r.station.probe.Name))
			b.spoilAll(st)
		}
	}
}

var errStuck = fmt.Errorf("read: has not returned for %v and holds its bus", StuckAfter)
