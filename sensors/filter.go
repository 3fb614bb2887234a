package sensors

import (
	"fmt"
	"math"
	"time"
)

// A Filter says which values of a quantity to believe and which to publish,
// in the unit of the quantity. The zero Filter lets every number pass.
type Filter struct {
	Min *float64 // nil: no limit
	Max *float64 // nil: no limit

	// MaxStep is how much a value may differ from the one accepted before; 0:
	// any. One that differs more is accepted when Confirmations further ones
	// agree with it; 0 stands for 1.
	MaxStep       float64
	Confirmations int

	Median int     // values to take the median of, an odd number; 0: none
	EMA    float64 // weight of the new value in an exponential moving average, up to 1; 0: none

	// Deadband is how much a value must differ from the last reading to become
	// one; 0: any is one. Heartbeat is how often there is one all the same; 0:
	// never.
	Deadband  float64
	Heartbeat time.Duration
}

// within narrows a range to the filter's.
func (f Filter) within(low, high float64) (float64, float64) {
	if f.Min != nil {
		low = max(low, *f.Min)
	}
	if f.Max != nil {
		high = min(high, *f.Max)
	}
	return low, high
}

// judge returns why a calibrated value is outside of the filter's range, or
// nil.
func (f Filter) judge(q Quantity, v float64) *Rejection {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return &Rejection{NotNumber, fmt.Sprintf("%s is %v after calibration", q.Name, v)}
	case f.Min != nil && v < *f.Min:
		return &Rejection{OutRange, fmt.Sprintf("%s is %g %s, min is %g", q.Name, v, q.Unit, *f.Min)}
	case f.Max != nil && v > *f.Max:
		return &Rejection{OutRange, fmt.Sprintf("%s is %g %s, max is %g", q.Name, v, q.Unit, *f.Max)}
	}
	return nil
}

// tolerance lets 20.4 and 20.3 differ by 0.1, although their difference is
// 0.09999999999999787.
const tolerance = 1e-9

// forgetAfter is how many intervals without a plausible value make a chain
// begin anew, and forgetMin is the least time for it: what is older says
// nothing about the present, neither whether a value is a spike nor what the
// average is.
const (
	forgetAfter = 10
	forgetMin   = time.Minute
)

// A chain is a signal at work on the values of one quantity of one probe.
type chain struct {
	quantity Quantity
	signal   Signal
	forget   time.Duration
	last     time.Time // of the last plausible value
	spikes   spikeGuard
	smooth   smoother
	deadband deadband
}

func newChain(q Quantity, s Signal, interval time.Duration) *chain {
	f := s.Filter
	c := &chain{quantity: q, signal: s, forget: max(forgetAfter*interval, forgetMin)}
	c.spikes = spikeGuard{maxStep: f.MaxStep, confirmations: max(f.Confirmations, 1)}
	switch {
	case f.Median > 1:
		c.smooth = &median{window: make([]float64, f.Median)}
	case f.EMA > 0:
		c.smooth = &average{alpha: f.EMA}
	}
	c.deadband = deadband{width: f.Deadband, heartbeat: f.Heartbeat, interval: interval}
	return c
}

// next takes a raw value and returns the value to publish, not yet converted,
// or why there is none.
func (c *chain) next(raw float64, now time.Time) (float64, *Rejection) {
	v, bad := c.signal.judge(c.quantity, raw)
	if bad != nil {
		return 0, bad
	}
	if now.Sub(c.last) > c.forget {
		c.restart()
	}
	c.last = now
	was := c.spikes.last
	accepted, jumped := c.spikes.next(v)
	if !accepted {
		return 0, &Rejection{Step, fmt.Sprintf("%s went from %g to %g %s, max_step is %g",
			c.quantity.Name, was, v, c.quantity.Unit, c.spikes.maxStep)}
	}
	if c.smooth != nil {
		if jumped {
			c.smooth.restart() // nothing in between was ever true
		}
		v = c.smooth.next(v)
	}
	if !c.deadband.next(v, now) {
		return 0, &Rejection{Deadband, fmt.Sprintf("%s is %g %s, hardly different from %g",
			c.quantity.Name, v, c.quantity.Unit, c.deadband.last)}
	}
	return v, nil
}

// restart forgets all values.
func (c *chain) restart() {
	c.spikes.restart()
	if c.smooth != nil {
		c.smooth.restart()
	}
	c.deadband.restart()
}
