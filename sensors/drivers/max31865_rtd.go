package drivers

import "math"

// The coefficients of the Callendar-Van Dusen equation for platinum of
// 0.00385/K (IEC 60751). C counts below 0 °C only.
const (
	rtdA = 3.9083e-3
	rtdB = -5.775e-7
	rtdC = -4.183e-12
)

// rtdRatio returns how many times its resistance at 0 °C a resistor has at t
// °C.
func rtdRatio(t float64) float64 {
	r := 1 + t*(rtdA+t*rtdB)
	if t < 0 {
		r += rtdC * (t - 100) * t * t * t
	}
	return r
}

// rtdCelsius returns the temperature at which rtdRatio is r.
func rtdCelsius(r float64) float64 {
	root := rtdA*rtdA - 4*rtdB*(1-r)
	if root < 0 { // beyond the equation's maximum, far above its range
		return math.Inf(1)
	}
	t := 2 * (r - 1) / (math.Sqrt(root) + rtdA)
	if r >= 1 { // exact, and below 0 °C a good guess
		return t
	}
	for range 4 { // Newton's method, each step of which doubles the digits
		slope := rtdA + 2*rtdB*t + rtdC*t*t*(4*t-300)
		t -= (rtdRatio(t) - r) / slope
	}
	return t
}
