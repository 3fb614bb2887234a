package main

import (
	"slices"
	"sync"
	"time"
)

// quantile returns the value below which the fraction q of the values lies, by
// the nearest rank; 0 if there are none. It sorts them.
func quantile(values []time.Duration, q float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	rank := int(q*float64(len(values)) + 0.999999)
	return values[min(max(rank, 1), len(values))-1]
}

// An outage is the loss of one node's connection.
type outage struct {
	broker    string // host:port of the one that was lost
	lost      time.Time
	connected time.Time // again; zero: not yet
	acked     time.Time // the first PUBACK; zero: not yet, or of a process, which does not say
}

// An effect is what a fault did to the nodes that were connected to the brokers
// it hit.
type effect struct {
	lost   int             // nodes whose connection was lost
	others int             // and those of other brokers, or later: no acknowledgement in time
	back   int             // of those lost, connected again
	within time.Duration   // from the fault until the last of them was
	spread time.Duration   // from the first of them to the last
	middle time.Duration   // the same for the middle nine tenths
	acked  []time.Duration // of those lost: from the loss to the first PUBACK, where it is known
}

// effectOf sums up the outages that began from begin on, before end. The fault
// hit the brokers of which hit reports so, until undone.
func effectOf(outages []outage, begin, undone, end time.Time, hit func(broker string) bool) (e effect) {
	var connected []time.Duration
	for _, o := range outages {
		if o.lost.Before(begin) || !o.lost.Before(end) {
			continue
		}
		if !hit(o.broker) || o.lost.After(undone) {
			e.others++
			continue
		}
		e.lost++
		if !o.connected.IsZero() {
			connected = append(connected, o.connected.Sub(begin))
		}
		if !o.acked.IsZero() {
			e.acked = append(e.acked, o.acked.Sub(o.lost))
		}
	}
	e.back = len(connected)
	if e.back > 0 {
		e.within = slices.Max(connected)
		e.spread = e.within - slices.Min(connected)
		e.middle = quantile(connected, 0.95) - quantile(connected, 0.05)
	}
	return e
}

// A timeline keeps durations by the time at which they were measured.
type timeline struct {
	step time.Duration

	mu    sync.Mutex
	begin time.Time
	steps [][]time.Duration
}

// add adds a duration; those before begin are left out.
func (t *timeline) add(at time.Time, d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.begin.IsZero() || at.Before(t.begin) {
		return
	}
	i := int(at.Sub(t.begin) / t.step)
	for len(t.steps) <= i {
		t.steps = append(t.steps, nil)
	}
	t.steps[i] = append(t.steps[i], d)
}

// start sets the time that the timeline begins at.
func (t *timeline) start(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begin = at
}

// all returns the durations of all steps.
func (t *timeline) all() (all []time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.steps {
		all = append(all, s...)
	}
	return all
}

// quantiles returns a quantile of each step, -1 where there is nothing.
func (t *timeline) quantiles(q float64) (points []time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.steps {
		if len(s) == 0 {
			points = append(points, -1)
			continue
		}
		points = append(points, quantile(s, q))
	}
	return points
}
