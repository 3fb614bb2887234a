package publisher

import (
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// expire drops a reading that is too old to be sent, and reports whether it
// was.
func (s *stock) expire(r spool.Record) bool {
	if !s.tooOld(r) || s.inFlight(r.Position) {
		return false
	}
	s.drop(r, Expired)
	if of := s.find(r); of != nil {
		of.forget(r.Position)
	}
	return true
}

// tooOld reports whether a reading is older than MaxAge. The newest one of a
// live sensor is not: it is the current value until there is another.
func (s *stock) tooOld(r spool.Record) bool {
	if s.MaxAge == 0 {
		return false
	}
	if of := s.find(r); of != nil && of.isLive() && of.newest.Position == r.Position {
		return false
	}
	now, _ := s.Clock()
	return now.Sub(s.corrected(r.Reading).Time) > s.MaxAge
}

// corrected returns a reading with the time of its measurement according to the
// present clock: a clock that has been set since was wrong then.
func (s *stock) corrected(r sensors.Reading) sensors.Reading {
	if r.Up == 0 {
		return r
	}
	now, up := s.Clock()
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
