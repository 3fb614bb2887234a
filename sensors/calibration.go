package sensors

import "sort"

// A Calibration makes the true value of a raw one: Gain times the raw value
// plus Offset or, where there are Points, what lies on the line through them.
// The zero Calibration changes nothing.
type Calibration struct {
	Gain   float64 // 0 stands for 1
	Offset float64 // in the unit of the quantity
	Points []Point // at least two, each Raw greater than the one before; they stand in for Gain and Offset
}

// A Point is a value as the probe gives it and as a reference gives it.
type Point struct{ Raw, True float64 }

// apply returns the true value of a raw one. Between two points it lies on the
// straight line between them; below the first and above the last point the
// outermost lines go on.
func (c Calibration) apply(raw float64) float64 {
	if len(c.Points) < 2 {
		if c.Gain != 0 {
			raw *= c.Gain
		}
		if c.Offset != 0 { // adding 0 would make 0 of -0
			raw += c.Offset
		}
		return raw
	}
	last := len(c.Points) - 1
	i := sort.Search(last+1, func(i int) bool { return c.Points[i].Raw >= raw })
	if i <= last && c.Points[i].Raw == raw {
		return c.Points[i].True // exactly
	}
	i = min(max(i, 1), last)
	a, b := c.Points[i-1], c.Points[i]
	return a.True + (raw-a.Raw)/(b.Raw-a.Raw)*(b.True-a.True)
}

// Range returns the least and the greatest true value of the raw values from
// low to high.
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
