package sensors

import (
	"sync/atomic"
	"time"
)

// Bounds are the upper bounds of the buckets of every [Histogram]; one more has
// no bound.
var Bounds = [...]time.Duration{
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// A Histogram counts durations by their length. A nil Histogram does nothing.
type Histogram struct {
	counts [len(Bounds) + 1]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts a duration.
func (h *Histogram) Observe(d time.Duration) {
	if h == nil {
		return
	}
	i := 0
	for i < len(Bounds) && d > Bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// A Distribution is what a [Histogram] has counted.
type Distribution struct {
	Counts [len(Bounds) + 1]uint64 // of each bucket alone
	Sum    time.Duration
}

// Distribution returns what was counted so far.
func (h *Histogram) Distribution() (d Distribution) {
	if h == nil {
		return d
	}
	for i := range h.counts {
		d.Counts[i] = h.counts[i].Load()
	}
	d.Sum = time.Duration(h.sum.Load())
	return d
}
