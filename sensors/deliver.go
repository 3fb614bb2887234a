package sensors

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// errHeld means that a value was held back as a possible spike, which does not
// yet make the probe bad.
var errHeld = errors.New("held back")

// errStopping means that the sink refused a reading and has counted it.
var errStopping = errors.New("stopping")

// deliver turns values, and what is derived from them, into readings. A rejected
// one does not keep the others from being published. They become live together,
// when the sink has them all: only then does it know of each optional one that it
// exists.
func (b *Bus) deliver(ctx context.Context, sl *slot, values []Measurement, at instant) error {
	var (
		result error
		good   []int
	)
	for _, m := range values {
		i := sl.probe.index(m.Quantity)
		err := b.pass(ctx, sl, i, m.Value, at)
		switch {
		case errors.Is(err, errStopping):
			return nil
		case err == nil:
			good = append(good, i)
		case errors.Is(err, ErrNoRoom): // true, and not published
		case result == nil || !errors.Is(err, errHeld):
			result = err
		}
	}
	for i := range sl.probe.Quantities {
		if !sl.probe.signal(i).Derived {
			continue
		}
		err := b.derive(ctx, sl, i, values, at)
		switch {
		case errors.Is(err, errStopping):
			return nil
		case err == nil:
			good = append(good, i)
		case errors.Is(err, ErrNoRoom):
		case result == nil || errors.Is(result, errHeld):
			result = err // of its own, not that of a value from which it is derived
		}
	}
	for _, i := range good {
		b.markLive(sl, i)
	}
	return result
}

// derive computes the i-th quantity from the values of the same read, which have
// passed through their pipelines.
func (b *Bus) derive(ctx context.Context, sl *slot, i int, values []Measurement, at instant) error {
	from := make(map[string]input)
	for _, m := range values {
		from[m.Quantity] = sl.pipelines[sl.probe.index(m.Quantity)].current
	}
	v, rejection := sl.probe.derive(i, from)
	if rejection != nil {
		return b.refuse(sl, i, rejection)
	}
	return b.pass(ctx, sl, i, v, at)
}

// pass sends a value through its pipeline and the result to the sink.
func (b *Bus) pass(ctx context.Context, sl *slot, i int, raw float64, at instant) error {
	c, now := sl.pipelines[i], time.Now()
	if sl.isStale(i) {
		c.deadband.restart() // its last reading is no longer shown as live
	}
	v, rejection := c.next(raw, now)
	if rejection != nil {
		if err := b.refuse(sl, i, rejection); err != nil {
			return err
		}
	}
	sl.markGood(i, now)
	if rejection == nil && !c.signal.Hidden {
		r := sl.probe.reading(i, v, at)
		switch err := b.sink.Put(ctx, r); {
		case errors.Is(err, ErrNoRoom):
			c.deadband.restart() // the next one does not have it for a predecessor
			return err
		case err != nil:
			return errStopping
		}
		b.log.LogAttrs(ctx, slog.LevelDebug, "read", // which does not allocate if nobody wants it
			slog.String("sensor", r.Sensor), slog.String("quantity", r.Quantity), slog.Float64("value", r.Value))
	}
	return nil
}

// refuse reports that a value is not published and returns what that means for the
// health of the probe: nil if the value is true.
func (b *Bus) refuse(sl *slot, i int, rejection *Rejection) error {
	b.reject(sl, i, rejection)
	b.log.Debug("not published", "sensor", sl.probe.Name, "cause", rejection.Detail)
	switch {
	case rejection.Reason == Step && !sl.pipelines[i].spikes.lost():
		return errHeld
	case rejection.Reason != Deadband:
		return rejection
	}
	return nil
}
