package sensors

import "slices"

// A smoother combines the latest values into one, which lies between the smallest
// and the largest value since it was started.
type smoother interface {
	next(v float64) float64
	restart()
}

// A median returns the median of the last values. The length of the window is
// odd; the first value fills it.
type median struct {
	window  []float64
	at      int // where the next value goes
	started bool
	sorted  []float64
}

func (m *median) next(v float64) float64 {
	if !m.started {
		m.started = true
		for i := range m.window {
			m.window[i] = v
		}
	}
	m.window[m.at] = v
	m.at = (m.at + 1) % len(m.window)
	m.sorted = append(m.sorted[:0], m.window...)
	slices.Sort(m.sorted)
	return m.sorted[len(m.sorted)/2]
}

func (m *median) restart() { m.started = false }

// An average is an exponential moving average in which the newest value has the
// weight alpha.
type average struct {
	alpha   float64 // 0 < alpha <= 1
	started bool
	value   float64
}

func (a *average) next(v float64) float64 {
	if !a.started {
		a.started, a.value = true, v
		return v
	}
	mean := a.alpha*v + (1-a.alpha)*a.value
	a.value = min(max(mean, min(v, a.value)), max(v, a.value)) // despite rounding
	return a.value
}

func (a *average) restart() { a.started = false }
