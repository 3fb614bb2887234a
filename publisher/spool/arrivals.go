package spool

import "time"

// An arrivals knows about when recent readings came: exactly enough to say
// whether one is older than reach.
type arrivals struct {
	reach time.Duration
	marks []mark // oldest first
}

// A mark says when a reading came.
type mark struct {
	position uint64
	at       time.Time
}

// note notes that a reading has come.
func (a *arrivals) note(position uint64) {
	now := time.Now()
	if n := len(a.marks); n > 0 && now.Sub(a.marks[n-1].at) < a.reach/32 {
		return
	}
	for len(a.marks) > 1 && now.Sub(a.marks[1].at) >= a.reach {
		a.marks = a.marks[1:]
	}
	a.marks = append(a.marks, mark{position, now})
}

// of returns when a reading came, or a moment before.
func (a *arrivals) of(position uint64) time.Time {
	var at time.Time
	for i, m := range a.marks {
		if i == 0 || m.position <= position {
			at = m.at
		}
	}
	return at
}
