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
// All use the quantity's own unit. The zero Signal does the first step only.
type Signal struct {
	Calibration Calibration
	Filter      Filter
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
	for _, m := range values {
		i := p.index(m.Quantity)
		v, bad := p.signal(i).judge(p.Quantities[i], m.Value)
		if bad != nil {
			err = bad
			continue
		}
		good = append(good, p.reading(i, v, instant{wall: at}))
	}
	return good, err
}

// reading makes a reading of an accepted value.
func (p Probe) reading(i int, v float64, at instant) Reading {
	q := p.Quantities[i]
	return Reading{Sensor: p.Name, Quantity: q.Name, Value: v, Unit: q.Unit, Time: at.wall, Up: at.up}
}
