package publisher

import (
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// expire drops a reading that is too old to be sent, and reports whether it
// was.
func (q *Queue) expire(r spool.Record) bool {
	if !q.tooOld(r) || q.inFlight(r.Position) {
		return false
	}
	q.drop(r, Expired)
	if s := q.find(r); s != nil {
		s.forget(r.Position)
	}
	return true
}

// forget makes sure that a reading is not sent again as the newest.
func (s *series) forget(position uint64) {
	if s.newest.Position == position {
		s.newest = spool.Record{}
	}
}

// tooOld reports whether a reading is older than MaxAge. The newest one of a
// live sensor is not: it stands for the present until there is another.
func (q *Queue) tooOld(r spool.Record) bool {
	if q.MaxAge == 0 {
		return false
	}
	if s := q.find(r); s != nil && s.isLive() && s.newest.Position == r.Position {
		return false
	}
	now, _ := q.Clock()
	return now.Sub(q.corrected(r.Reading).Time) > q.MaxAge
}

// corrected returns a reading with the time of its measurement by the clock of
// now: a clock that was set since then was wrong then.
func (q *Queue) corrected(r sensors.Reading) sensors.Reading {
	if r.Up == 0 {
		return r
	}
	now, up := q.Clock()
	if up == 0 {
		return r
	}
	// Times without their monotonic part, which is blind to a clock being set.
	at := now.Round(0).Add(r.Up - up)
	if at.Sub(r.Time.Round(0)).Abs() > slewed {
		r.Time = at
	}
	return r
}

// slewed is how far the clock may drift from the time since boot without
// having been set: NTP slews it, slowly.
const slewed = time.Second
