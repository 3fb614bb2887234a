package sensors

import (
	"context"
	"errors"
	"time"
)

// errHeld means that a value was held back as a possible spike, which does not
// yet make the probe bad.
var errHeld = errors.New("held back")

// errStopping means that the sink refused a reading and has counted it.
var errStopping = errors.New("stopping")

// deliver turns values into readings. A rejected one does not keep the others
// from being published. They become live together, when the sink has them all:
// only then does it know of each optional one that it exists.
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
		case result == nil || !errors.Is(err, errHeld):
			result = err
		}
	}
	for _, i := range good {
		b.markLive(sl, i)
	}
	return result
}

// pass sends a value through its pipeline and the result to the sink.
func (b *Bus) pass(ctx context.Context, sl *slot, i int, raw float64, at instant) error {
	c, now := sl.pipelines[i], time.Now()
	if sl.isStale(i) {
		c.deadband.restart() // its last reading is no longer shown as live
	}
	v, rejection := c.next(raw, now)
	if rejection != nil {
		b.reject(sl, c.quantity, rejection)
		b.log.Debug("not published", "sensor", sl.probe.Name, "cause", rejection.Detail)
		switch {
		case rejection.Reason == Step && !c.spikes.lost():
			return errHeld
		case rejection.Reason != Deadband:
			return rejection
		}
	}
	sl.markGood(i, now)
	if rejection == nil {
		r := sl.probe.reading(i, v, at)
		if b.sink.Put(ctx, r) != nil {
			return errStopping
		}
		b.log.Debug("read", "sensor", r.Sensor, "quantity", r.Quantity, "value", r.Value)
	}
	return nil
}
