package sensors

import (
	"fmt"
	"time"
)

// A pipeline starts over after forgetAfter intervals without a plausible value, but
// not before forgetMin: older values say nothing about whether a new one is a spike,
// nor about the current average.
const (
	forgetAfter = 10
	forgetMin   = time.Minute
)

// A pipeline applies a signal to the values of one quantity of one probe.
type pipeline struct {
	quantity Quantity
	signal   Signal
	forget   time.Duration
	last     time.Time // of the last plausible value
	spikes   spikeGuard
	smooth   smoother
	deadband deadband
	current  input // the last value, for what is derived from it
}

func newPipeline(q Quantity, s Signal, interval time.Duration) *pipeline {
	f := s.Filter
	p := &pipeline{quantity: q, signal: s, forget: max(forgetAfter*interval, forgetMin)}
	p.spikes = spikeGuard{maxStep: f.MaxStep, confirmations: max(f.Confirmations, 1)}
	switch {
	case f.Median > 1:
		p.smooth = &median{window: make([]float64, f.Median)}
	case f.EMA > 0:
		p.smooth = &average{alpha: f.EMA}
	}
	p.deadband = deadband{width: f.Deadband, heartbeat: f.Heartbeat, interval: interval}
	return p
}

// next takes a raw value and returns the value to publish, in the quantity's own
// unit, or why there is none.
func (p *pipeline) next(raw float64, now time.Time) (float64, *Rejection) {
	v, jumped, bad := p.accept(raw, now)
	p.current = input{v, bad}
	if bad != nil {
		return 0, bad
	}
	if p.smooth != nil {
		if jumped {
			p.smooth.restart() // the values in between never occurred
		}
		v = p.smooth.next(v)
	}
	if !p.deadband.next(v, now) {
		return 0, &Rejection{Deadband, fmt.Sprintf("%s is %g %s, within the deadband of %g",
			p.quantity.Name, v, p.quantity.Unit, p.deadband.last)}
	}
	return v, nil
}

// accept returns the calibrated value and whether it confirms a step, unless it is
// out of range or may be a spike.
func (p *pipeline) accept(raw float64, now time.Time) (v float64, jumped bool, bad *Rejection) {
	v, bad = p.signal.judge(p.quantity, raw)
	if bad != nil {
		return 0, false, bad
	}
	if now.Sub(p.last) > p.forget {
		p.restart()
	}
	p.last = now
	was := p.spikes.last
	accepted, jumped := p.spikes.next(v)
	if !accepted {
		return 0, false, &Rejection{Step, fmt.Sprintf("%s went from %g to %g %s, max_step is %g",
			p.quantity.Name, was, v, p.quantity.Unit, p.spikes.maxStep)}
	}
	return v, jumped, nil
}

// restart forgets all earlier values.
func (p *pipeline) restart() {
	p.spikes.restart()
	if p.smooth != nil {
		p.smooth.restart()
	}
	p.deadband.restart()
}
