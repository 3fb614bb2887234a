package sensors

import (
	"fmt"
	"math"
	"time"
)

// A Filter says which values of a quantity to believe and which to publish, in
// the unit of the quantity. The zero Filter passes every number.
type Filter struct {
	Min *float64 // nil: no limit
	Max *float64 // nil: no limit

	// MaxStep is how much a value may differ from the last accepted one; 0: no
	// limit. A larger step is accepted once Confirmations more values agree with
	// it; 0 means 1.
	MaxStep       float64
	Confirmations int

	Median int     // window of the running median, odd; 0: no median
	EMA    float64 // weight of a new value in the exponential moving average, at most 1; 0: no average

	// Deadband is how much a value must differ from the last reading to be
	// published; 0: always published. Heartbeat is how often a value is published
	// regardless; 0: never.
	Deadband  float64
	Heartbeat time.Duration
}

// within intersects a range with the filter's.
func (f Filter) within(low, high float64) (float64, float64) {
	if f.Min != nil {
		low = max(low, *f.Min)
	}
	if f.Max != nil {
		high = min(high, *f.Max)
	}
	return low, high
}

// judge returns why a calibrated value is outside the filter's range, or nil.
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
