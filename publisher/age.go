package publisher

import (
	"time"

	"sensorpub/sensors"
)

// expire drops what is older than MaxAge.
func (q *Queue) expire() {
	for _, e := range q.waiting {
		if !e.over() {
			q.expired(e)
		}
	}
}

// expired tells whether e has become too old to be sent, and drops it then.
func (q *Queue) expired(e *entry) bool {
	if e.flights > 0 || !q.tooOld(e) {
		return false
	}
	if e.settled {
		q.owe(e, false)
	} else {
		q.account.Dropped[Expired]++
		q.giveUp(e)
	}
	return true
}

// tooOld tells whether e is older than MaxAge. The newest reading of a live
// sensor is not: it stands for the present until there is another.
func (q *Queue) tooOld(e *entry) bool {
	if q.MaxAge == 0 || e == e.stream.newest && e.stream.isLive() {
		return false
	}
	now, _ := q.Clock()
	return now.Sub(q.corrected(e.reading).Time) > q.MaxAge
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
	// Times without their monotonic part, by which a clock is never set.
	at := now.Round(0).Add(r.Up - up)
	if at.Sub(r.Time.Round(0)).Abs() > slewed {
		r.Time = at
	}
	return r
}

// slewed is how far the clock may go from the time since the boot without
// having been set: it is drawn by NTP, and slowly.
const slewed = time.Second
