package sensors

import (
	"math"
	"time"
)

// A deadband passes values that differ enough from the last that it passed,
// and one now and then although it does not.
type deadband struct {
	width     float64
	heartbeat time.Duration // 0: never
	interval  time.Duration // between two values

	started bool
	last    float64 // passed
	at      time.Time
}

// next tells whether a value passes.
func (d *deadband) next(v float64, now time.Time) bool {
	if d.width > 0 && d.started && math.Abs(v-d.last) < d.width*(1-tolerance) && !d.beats(now) {
		return false
	}
	d.started, d.last, d.at = true, v, now
	return true
}

// beats tells whether the heartbeat would be missed if this value were not
// passed, for the next one comes an interval later. A tenth of it allows for
// reads that take their time.
func (d *deadband) beats(now time.Time) bool {
	return d.heartbeat > 0 && now.Sub(d.at)+d.interval-d.interval/10 > d.heartbeat
}

func (d *deadband) restart() { d.started = false }
