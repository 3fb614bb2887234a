package sensors

import (
	"fmt"
	"time"
)

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
