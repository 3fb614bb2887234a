package sensors

import "time"

// A Signal says how the raw values of a quantity become readings, in this order:
//
//  1. values outside of the range of the [Quantity] are rejected;
//  2. the Calibration is applied;
//  3. the Filter rejects values outside of its own range, then spikes;
//  4. it smooths by a median or an exponential moving average;
//  5. it drops values inside the deadband.
//
// All use the quantity's own unit. The zero Signal does the first step only. What
// is derived from a quantity is computed from the values that have passed up to
// the spike filter, before they are smoothed: they belong to one read.
type Signal struct {
	Calibration Calibration
	Filter      Filter

	Derived bool // the raw value is computed from other quantities of the read
	Hidden  bool // only read for what is derived from it, not published
}

// judge does the steps that need no earlier values, up to the filter's range, and
// returns the calibrated value in the unit of q.
func (s Signal) judge(q Quantity, raw float64) (float64, *Rejection) {
	if bad := Judge(q, raw); bad != nil {
		return 0, bad
	}
	v := s.Calibration.apply(raw)
	if bad := s.Filter.judge(q, v); bad != nil {
		return 0, bad
	}
	return v, nil
}

// Output returns q with the range that it has after calibration and filter.
func (s Signal) Output(q Quantity) Quantity {
	return q.Within(s.Filter.within(s.Calibration.Range(q.Min, q.Max)))
}

// signal returns the signal of the i-th quantity.
func (p Probe) signal(i int) Signal {
	if i < len(p.Signals) {
		return p.Signals[i]
	}
	return Signal{}
}

// Readings turns the values of a single read into readings: they are calibrated
// and checked against their range, but not filtered by earlier values and not
// numbered. The error is the last rejection; it does not keep the others away.
func (p Probe) Readings(values []Measurement, at time.Time) (good []Reading, err error) {
	from := make(map[string]input)
	accept := func(i int, raw float64, bad *Rejection) {
		var v float64
		if bad == nil {
			v, bad = p.signal(i).judge(p.Quantities[i], raw)
		}
		from[p.Quantities[i].Name] = input{v, bad}
		if bad != nil {
			err = bad
		} else if !p.signal(i).Hidden {
			good = append(good, p.reading(i, v, instant{wall: at}))
		}
	}
	for _, m := range values {
		accept(p.index(m.Quantity), m.Value, nil)
	}
	for i := range p.Quantities {
		if p.signal(i).Derived {
			v, bad := p.derive(i, from)
			accept(i, v, bad)
		}
	}
	return good, err
}

// reading makes a reading of an accepted value.
func (p Probe) reading(i int, v float64, at instant) Reading {
	q := p.Quantities[i]
	return Reading{Sensor: p.Name, Quantity: q.Name, Value: v, Unit: q.Unit, Time: at.wall, Up: at.up}
}
