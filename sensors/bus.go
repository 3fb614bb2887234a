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

// maxReopen caps the growing pause between attempts to open a probe again, so
// that one that was plugged in again is back within a minute.
const maxReopen = 60 * time.Second

// A Bus reads the probes that share it, one after the other: two transactions
// at a time on one bus are never safe. A read cannot be cancelled, so one that
// hangs costs this bus and its one goroutine, and nothing else. Its probes can
// be changed while it runs, see [Rebus].
type Bus struct {
	Name string

	sink Sink
	log  *slog.Logger
	now  Clock // stamps readings

	mu       sync.Mutex // guards what follows up to wake
	stations []*station // replaced, never changed
	leaving  []*station // to be closed by the worker
	over     bool       // the worker has ended, or will at once

	wake    chan struct{}           // at least one station is pending or leaving
	current atomic.Pointer[reading] // what is being read; nil between reads
	hung    *reading                // what the scheduler has reported as hanging
}

// An instant is what a Clock says.
type instant struct {
	wall time.Time
	up   time.Duration
}

// A reading that is under way.
type reading struct {
	station *station
	start   time.Time
}

// A station is a probe and what the bus and the scheduler know of it.
type station struct {
	probe   Probe
	since   time.Time
	gone    atomic.Bool // taken away: what it still measures is nobody's
	due     time.Time   // owned by the scheduler
	pending atomic.Bool
	state   state
	fresh   []freshness // of each quantity

	// Owned by the bus's worker.
	chains []*chain // of each quantity
	sensor Sensor
	reopen time.Time // not opened again before
	pause  time.Duration
}

// Buses sorts probes by the bus they sit on, in the order of their first
// appearance. now stamps readings.
func Buses(probes []Probe, sink Sink, log *slog.Logger, now Clock) []*Bus {
	return Rebus(nil, probes, nil, sink, log, now)
}

func newStation(p Probe) *station {
	st := &station{probe: p, since: time.Now(), fresh: make([]freshness, len(p.Quantities))}
	for i, q := range p.Quantities {
		st.chains = append(st.chains, newChain(q, p.signal(i), p.Interval))
	}
	return st
}

// Run reads what the scheduler finds due until ctx ends, then closes the
// probes. It also ends when the last probe was taken away. A read that hangs
// keeps Run from returning.
func (b *Bus) Run(ctx context.Context) error {
	defer b.close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.wake:
		}
		if b.dismiss() {
			return nil
		}
		for _, st := range b.list() {
			if ctx.Err() == nil && !st.gone.Load() && st.pending.CompareAndSwap(true, false) {
				b.visit(ctx, st)
			}
		}
	}
}

// visit reads one probe and puts what it gave into the sink.
func (b *Bus) visit(ctx context.Context, st *station) {
	start := time.Now()
	b.current.Store(&reading{station: st, start: start})
	values, err := st.measure(ctx)
	b.current.Store(nil)
	if st.gone.Load() {
		return
	}
	var at instant
	at.wall, at.up = b.now()
	if took := time.Since(start); err == nil && took >= StuckAfter {
		err = &Rejection{Late, fmt.Sprintf("the read took %v, nobody knows when the value was measured", took.Round(time.Second))}
	}

	var rejection *Rejection
	switch {
	case errors.Is(err, errWaiting) || ctx.Err() != nil && err != nil:
		return
	case errors.As(err, &rejection):
		for _, q := range st.probe.Quantities {
			b.sink.Reject(st.probe.Name, q.Name, rejection.Reason)
		}
	case err != nil:
		st.backOff()
	}
	if err == nil {
		err = b.deliver(ctx, st, values, at)
	}
	switch {
	case errors.Is(err, errHeld):
		return
	case err != nil:
		b.turnBad(st, err)
		return
	}
	st.pause = 0
	b.turnGood(st)
}

// errWaiting says that the pause before the next attempt to open is not over.
var errWaiting = errors.New("waiting before the next attempt to open")

// measure reads the probe, unless it is too early to open it.
func (st *station) measure(ctx context.Context) ([]Measurement, error) {
	if st.sensor == nil && time.Now().Before(st.reopen) {
		return nil, errWaiting
	}
	return st.probe.Measure(ctx, &st.sensor)
}

// backOff doubles the pause before the probe is opened again, from one
// interval up to a minute.
func (st *station) backOff() {
	st.pause = min(max(2*st.pause, st.probe.Interval), maxReopen)
	turns := st.pause - st.pause%st.probe.Interval // whole ones, as it is only opened when it is due
	st.reopen = time.Now().Add(turns - st.probe.Interval/2)
}

func (b *Bus) close() {
	b.dismiss()
	for _, st := range b.list() {
		if st.sensor != nil {
			st.sensor.Close()
		}
	}
}
