package sensors

import (
	"context"
	"fmt"
	"time"
)

// StuckAfter is how long a read may take before its sensor becomes unavailable.
// The kernel takes 2.4 s to read a DS18B20, and longer if that fails.
const StuckAfter = 15 * time.Second

// idleBeat is the longest time between two heartbeats of the scheduler.
const idleBeat = 10 * time.Second

// A Scheduler tells each bus when its probes are due. Probes with the same interval
// are due at the same instants and are dispatched together.
type Scheduler struct {
	Buses  []*Bus
	Change <-chan []*Bus // replaces Buses; may be nil
	Beat   func()        // called at least every 10 s while the scheduler is alive

	Lateness *Histogram // from when a probe is due until its bus is told; may be nil
}

// Run schedules until ctx ends. It never waits for a bus: a probe whose bus is
// still busy misses its turn and is due again one interval later.
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
			next = earlier(next, b.dispatch(start, now, s.Lateness))
			next = b.expire(start, now, next)
			b.watch(now)
		}
		timer.Reset(time.Until(next))
	}
}

// dispatch marks what is due at now, wakes the bus, and returns when its next
// probe is due.
func (b *Bus) dispatch(start, now time.Time, lateness *Histogram) time.Time {
	next := now.Add(idleBeat)
	woken := false
	for _, sl := range b.list() {
		if !sl.due.After(now) {
			if !sl.due.IsZero() { // as it is at first
				lateness.Observe(now.Sub(sl.due))
			}
			sl.due = after(start, now, sl.probe.Interval)
			if !sl.pending.CompareAndSwap(false, true) {
				sl.miss() // its last turn has not come yet
			}
			woken = true
		}
		next = earlier(next, sl.due)
	}
	if woken {
		b.wake()
	}
	return next
}

// after returns the first instant after now that is a whole number of intervals
// from start, so that a late tick does not shift the following ones.
func after(start, now time.Time, interval time.Duration) time.Time {
	n := now.Sub(start)/interval + 1
	return start.Add(n * interval)
}

// watch marks the probe of a hanging read as bad, once, and the probes that wait
// behind it, as their state is unknown.
func (b *Bus) watch(now time.Time) {
	r := b.current.Load()
	if r == nil || now.Sub(r.start) < StuckAfter {
		return
	}
	if r != b.hung && !r.slot.removed.Load() {
		b.hung = r
		b.turnBad(r.slot, errStuck)
		b.markAllStale(r.slot)
	}
	for _, sl := range b.list() {
		if s := sl.status(); sl != r.slot && sl.pending.Load() && s.BadSince.IsZero() && !s.Absent {
			b.turnBad(sl, fmt.Errorf("read: waiting for %s, which blocks the bus", r.slot.probe.Name))
			b.markAllStale(sl)
		}
	}
}

var errStuck = fmt.Errorf("read: no answer for %v, the bus is blocked", StuckAfter)
