package sensors

import (
	"math"
	"time"
)

// A deadband passes values that differ enough from the last one it passed, and
// one value per heartbeat regardless.
type deadband struct {
	width     float64
	heartbeat time.Duration // 0: never
	interval  time.Duration // between two values

	started bool
	last    float64 // passed
	at      time.Time
}

// next reports whether a value passes.
func (d *deadband) next(v float64, now time.Time) bool {
	if d.width > 0 && d.started && math.Abs(v-d.last) < d.width*(1-tolerance) && !d.beats(now) {
		return false
	}
	d.started, d.last, d.at = true, v, now
	return true
}

// beats reports whether holding this value back would miss the heartbeat, as the
// next value comes an interval later. A tenth of the interval allows for slow
// reads.
func (d *deadband) beats(now time.Time) bool {
	return d.heartbeat > 0 && now.Sub(d.at)+d.interval-d.interval/10 > d.heartbeat
}

func (d *deadband) restart() { d.started = false }
