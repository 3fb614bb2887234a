package sensors

import "sort"

// A Calibration turns a raw value into the true one: raw * Gain + Offset, or
// linear interpolation between Points if there are any. The zero Calibration
// changes nothing.
type Calibration struct {
	Gain   float64 // 0 means 1
	Offset float64 // in the unit of the quantity
	Points []Point // at least two, with increasing Raw; they replace Gain and Offset
}

// A Point pairs a probe's value with that of a reference.
type Point struct{ Raw, True float64 }

// apply returns the true value of a raw one. Outside of the points it
// extrapolates the first or the last segment.
func (c Calibration) apply(raw float64) float64 {
	if len(c.Points) < 2 {
		if c.Gain != 0 {
			raw *= c.Gain
		}
		if c.Offset != 0 { // adding 0 would turn -0 into 0
			raw += c.Offset
		}
		return raw
	}
	last := len(c.Points) - 1
	i := sort.Search(last+1, func(i int) bool { return c.Points[i].Raw >= raw })
	if i <= last && c.Points[i].Raw == raw {
		return c.Points[i].True // without rounding errors
	}
	i = min(max(i, 1), last)
	a, b := c.Points[i-1], c.Points[i]
	return a.True + (raw-a.Raw)/(b.Raw-a.Raw)*(b.True-a.True)
}

// Range returns the smallest and the largest true value for raw values from low
// to high.
func (c Calibration) Range(low, high float64) (least, greatest float64) {
	a, b := c.apply(low), c.apply(high)
	least, greatest = min(a, b), max(a, b)
	for _, p := range c.Points {
		if low < p.Raw && p.Raw < high {
			least, greatest = min(least, p.True), max(greatest, p.True)
		}
	}
	return least, greatest
}
