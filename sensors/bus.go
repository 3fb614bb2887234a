package sensors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// maxReopen caps the pause between attempts to open a probe, which doubles with
// each failure, so that a probe that is plugged in again is back within a minute.
const maxReopen = 60 * time.Second

// A Bus reads the probes that share it, one after the other: two transactions at
// a time on one bus are never safe. A read cannot be cancelled, so one that hangs
// blocks this bus and its goroutine, and nothing else. [Reconfigure] changes the
// probes while the bus runs.
type Bus struct {
	Name string

	sink Sink
	log  *slog.Logger
	now  Clock // stamps readings

	mu      sync.Mutex // guards the fields up to work
	slots   []*slot    // replaced as a whole, never modified
	removed []*slot    // to be closed by the worker
	over    bool       // the worker has ended or is about to

	work    chan struct{}           // at least one slot is pending or removed
	current atomic.Pointer[reading] // what is being read; nil between reads
	hung    *reading                // what the scheduler has reported as hanging
}

// An instant is what a Clock returned.
type instant struct {
	wall time.Time
	up   time.Duration
}

// A reading is a read in progress.
type reading struct {
	slot  *slot
	start time.Time
}

// A slot holds a probe and its state.
type slot struct {
	probe   Probe
	since   time.Time
	removed atomic.Bool // late results are discarded
	due     time.Time   // owned by the scheduler
	pending atomic.Bool
	health  health
	fresh   []freshness // of each quantity

	// Used by the bus's worker only.
	pipelines []*pipeline // of each quantity
	sensor    Sensor
	answered  bool      // it has given a value, true or false
	reopen    time.Time // earliest time to open it again
	pause     time.Duration
}

// Buses groups probes by bus, in the order in which the buses first appear. now
// stamps readings.
func Buses(probes []Probe, sink Sink, log *slog.Logger, now Clock) []*Bus {
	return Reconfigure(nil, probes, nil, sink, log, now)
}

func newSlot(p Probe) *slot {
	sl := &slot{probe: p, since: time.Now(), fresh: make([]freshness, len(p.Quantities))}
	for i, q := range p.Quantities {
		sl.pipelines = append(sl.pipelines, newPipeline(q, p.signal(i), p.Interval))
	}
	return sl
}

// Run reads what the scheduler finds due until ctx ends or the last probe is
// removed, then closes the probes. It cannot return while a read hangs.
func (b *Bus) Run(ctx context.Context) error {
	defer b.close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.work:
		}
		if b.closeRemoved() {
			return nil
		}
		for _, sl := range b.list() {
			if ctx.Err() == nil && !sl.removed.Load() && sl.pending.CompareAndSwap(true, false) {
				b.readProbe(ctx, sl)
			}
		}
	}
}

// readProbe reads one probe and passes the result to the sink.
func (b *Bus) readProbe(ctx context.Context, sl *slot) {
	start := time.Now()
	b.current.Store(&reading{slot: sl, start: start})
	values, err := sl.measure(ctx)
	b.current.Store(nil)
	if sl.removed.Load() {
		return
	}
	var at instant
	at.wall, at.up = b.now()
	if took := time.Since(start); err == nil && took >= StuckAfter {
		err = &Rejection{Late, fmt.Sprintf("the read took %v, so it is unknown when the value was measured", took.Round(time.Second))}
	}

	rejection, rejected := errors.AsType[*Rejection](err)
	switch {
	case errors.Is(err, errWaiting) || ctx.Err() != nil && err != nil:
		return
	case rejected:
		b.rejectAll(sl, rejection)
	case err != nil:
		sl.backOff()
		if !sl.answered && sl.probe.Absent(err) {
			sl.setAbsent(true)
			b.log.Debug("not present", "sensor", sl.probe.Name, "cause", err)
			return
		}
	}
	if !sl.answered {
		sl.answered = err == nil || rejected
		sl.setAbsent(false)
	}
	if err == nil {
		err = b.deliver(ctx, sl, values, at)
	}
	switch {
	case errors.Is(err, errHeld):
		return
	case err != nil:
		b.turnBad(sl, err)
		return
	}
	sl.pause = 0
	b.turnGood(sl)
}

// rejectAll counts a read that gave no true value. Of an optional quantity it is
// not known whether it was read, unless it has been before.
func (b *Bus) rejectAll(sl *slot, why *Rejection) {
	for i := range sl.probe.Quantities {
		if !sl.probe.Optional || sl.wasGood(i) {
			b.reject(sl, i, why)
		}
	}
}

// errWaiting means that it is too early to open the probe again.
var errWaiting = errors.New("waiting before the next attempt to open")

// measure reads the probe, or returns errWaiting.
func (sl *slot) measure(ctx context.Context) ([]Measurement, error) {
	if sl.sensor == nil && time.Now().Before(sl.reopen) {
		return nil, errWaiting
	}
	return sl.probe.Measure(ctx, &sl.sensor)
}

// backOff doubles the pause before the probe is opened again, from one interval
// up to maxReopen.
func (sl *slot) backOff() {
	sl.pause = min(max(2*sl.pause, sl.probe.Interval), maxReopen)
	turns := sl.pause - sl.pause%sl.probe.Interval // a whole number of intervals, as it is only opened when due
	sl.reopen = time.Now().Add(turns - sl.probe.Interval/2)
}

func (b *Bus) close() {
	b.closeRemoved()
	for _, sl := range b.list() {
		if sl.sensor != nil {
			sl.sensor.Close()
		}
	}
}
