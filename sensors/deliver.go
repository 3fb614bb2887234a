package sensors

import (
	"context"
	"errors"
	"time"
)

// errHeld says that a value was held back that may be a spike or the first of
// a step, which is no reason yet to call the probe bad.
var errHeld = errors.New("held back")

// errStopping says that the sink did not take a reading, and has counted it.
var errStopping = errors.New("stopping")

// deliver makes readings of the values. One that is rejected does not keep its
// neighbours from being published.
func (b *Bus) deliver(ctx context.Context, st *station, values []Measurement, at instant) error {
	var result error
	for i, m := range values {
		err := b.pass(ctx, st, i, m.Value, at)
		switch {
		case errors.Is(err, errStopping):
			return nil
		case err != nil && (result == nil || !errors.Is(err, errHeld)):
			result = err
		}
	}
	return result
}

// pass sends a value through its chain and puts what comes out into the sink.
func (b *Bus) pass(ctx context.Context, st *station, i int, raw float64, at instant) error {
	c, now := st.chains[i], time.Now()
	if st.isStale(i) {
		c.deadband.restart() // what it has passed is no longer shown as live
	}
	v, rejection := c.next(raw, now)
	if rejection != nil {
		b.sink.Reject(st.probe.Name, c.quantity.Name, rejection.Reason)
		b.log.Debug("not published", "sensor", st.probe.Name, "cause", rejection.Detail)
		switch {
		case rejection.Reason == Step && !c.spikes.lost():
			return errHeld
		case rejection.Reason != Deadband:
			return rejection
		}
	}
	st.arrive(i, now)
	if rejection == nil {
		r := st.probe.reading(i, v, at)
		if b.sink.Put(ctx, r) != nil {
			return errStopping
		}
		b.log.Debug("read", "sensor", r.Sensor, "quantity", r.Quantity, "value", r.Value)
	}
	b.revive(st, i)
	return nil
}
