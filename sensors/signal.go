package sensors

import "time"

// A Signal says how the raw values of a quantity become readings, in this order:
//
//  1. values outside of the range of the [Quantity] are rejected;
//  2. the Calibration is applied;
//  3. the Filter rejects values outside of its own range, then spikes;
//  4. it smooths by a median or an exponential moving average;
//  5. it drops values inside the deadband;
//  6. the value is converted to Unit.
//
// Calibration and filter use the quantity's own unit. The encoder rounds, last of
// all. The zero Signal does the first step only.
type Signal struct {
	Calibration Calibration
	Filter      Filter
	Unit        string // of the readings, one of [Units]; "": the quantity's own
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

// Output returns the quantity of the readings: q in their unit, with its range
// after calibration and filter.
func (s Signal) Output(q Quantity) Quantity {
	low, high := s.Filter.within(s.Calibration.Range(q.Min, q.Max))
	out := q.Within(Convert(low, q.Unit, s.Unit), Convert(high, q.Unit, s.Unit))
	if s.Unit != "" {
		out.Unit = s.Unit
	}
	return out
}

// signal returns the signal of the i-th quantity.
func (p Probe) signal(i int) Signal {
	if i < len(p.Signals) {
		return p.Signals[i]
	}
	return Signal{}
}

// Reading turns a single raw value of the i-th quantity into a reading: it is
// calibrated, checked against its range and converted, but not filtered by
// earlier values and not numbered.
func (p Probe) Reading(i int, raw float64, at time.Time) (Reading, *Rejection) {
	s := p.signal(i)
	v, bad := s.judge(p.Quantities[i], raw)
	if bad != nil {
		return Reading{}, bad
	}
	return p.reading(i, v, instant{wall: at}), nil
}

// reading makes a reading of an accepted value.
func (p Probe) reading(i int, v float64, at instant) Reading {
	q, to := p.Quantities[i], p.signal(i).Unit
	v = Convert(v, q.Unit, to)
	if to == "" {
		to = q.Unit
	}
	return Reading{Sensor: p.Name, Quantity: q.Name, Value: v, Unit: to, Time: at.wall, Up: at.up}
}
