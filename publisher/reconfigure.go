package publisher

import (
	"slices"
	"time"

	"sensorpub/sensors"
)

// Reconfigure replaces the routes and what NewQueue was given besides, at once
// and with all that waits. A series of readings whose sensor and quantity go on
// keeps its numbers. If its route has changed, what waits goes where the new
// one says, and so does, once more, the newest reading if it is retained. What
// waits of a series that is not among the routes any more is still delivered
// as before.
func (q *Queue) Reconfigure(routes []Route, capacity int, overflow, backlog string, maxAge time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.setRoutes(routes)
	q.setStatuses(taken)
	other := backlog != q.Backlog
	q.Capacity, q.Overflow, q.Backlog, q.MaxAge = capacity, overflow, backlog, maxAge
	q.expire()
	if backlog != Replay {
		q.oweNone()
	}
	if q.connected && other {
		q.resort()
	}
	q.announce = slices.DeleteFunc(q.announce, func(s *stream) bool {
		s.announced = !q.toAnnounce(s)
		return s.announced
	})
	q.forgetRetired()
	q.trim()
	close(q.freed) // whoever waits for a place is to look again
	q.freed = make(chan struct{})
	q.signal()
}

// setRoutes finds or makes the stream of each route, retires those that have
// none any more, and returns the topics of the routes.
func (q *Queue) setRoutes(routes []Route) map[string]bool {
	topics := make(map[string]bool)
	rest := make(map[key]*stream)
	for _, s := range q.ordered {
		rest[s.key()] = s
	}
	old := q.ordered
	q.streams, q.ordered = make(map[key]*stream, len(routes)), nil
	for _, r := range routes {
		k := key{r.Sensor, r.Quantity}
		s := rest[k]
		if s == nil {
			s = &stream{route: &r, announced: true, seq: max(q.numbers[k], q.floor)}
		}
		delete(rest, k)
		changed := *s.route != r
		s.route, s.retired = &r, false
		if changed {
			q.reshow(s)
		}
		q.streams[k] = s
		q.ordered = append(q.ordered, s)
		topics[r.Topic] = true
	}
	for _, s := range old {
		if rest[s.key()] == s {
			s.retire(topics[s.route.Topic])
			q.ordered = append(q.ordered, s)
		}
	}
	return topics
}

func (s *stream) key() key { return key{s.route.Sensor, s.route.Quantity} }

// retire notes that a stream is no longer configured. If another has taken its
// topic, what is retained there is the other's.
func (s *stream) retire(taken bool) {
	s.retired, s.live = true, false
	if taken {
		r := *s.route
		r.Retain, r.ClearStale = false, false
		s.route, s.cleared = &r, false
	}
}

// reshow sends the newest reading as the new route of its stream says, unless
// it has still to go out anyway.
func (q *Queue) reshow(s *stream) {
	if !q.connected || !s.announced || !s.route.Retain || !q.toAnnounce(s) {
		return
	}
	if s.newest.settled || s.newest.flights > 0 {
		q.live = append(q.live, s.newest)
	}
}

// forgetRetired forgets the retired streams of which nothing waits, but not
// how far they have counted. What waits in the spool only may be theirs.
func (q *Queue) forgetRetired() {
	if q.gap.n > 0 || !slices.ContainsFunc(q.ordered, func(s *stream) bool { return s.retired }) {
		return
	}
	waits := make(map[*stream]bool)
	for _, e := range q.waiting {
		waits[e.stream] = waits[e.stream] || !e.over()
	}
	q.ordered = slices.DeleteFunc(q.ordered, func(s *stream) bool {
		if !s.retired || waits[s] {
			return false
		}
		if q.numbers == nil {
			q.numbers = make(map[key]uint64)
		}
		q.numbers[s.key()] = s.seq
		return true
	})
}

// oweNone takes back that readings are to be sent again in their turn, which
// is so with Replay only.
func (q *Queue) oweNone() {
	for _, e := range q.waiting {
		q.owe(e, false)
	}
}

// resort sorts what waits by another Backlog while there is a connection.
func (q *Queue) resort() {
	soon := make(map[*entry]bool)
	for _, e := range q.live {
		soon[e] = true
	}
	for _, e := range q.backlog {
		e.queued = false
	}
	q.backlog = nil
	for _, s := range q.ordered {
		s.behind = 0
	}
	for _, e := range q.waiting {
		s := e.stream
		switch {
		case e.over():
		case e.flights == 0 && !soon[e] && (e != s.newest || s.announced):
			q.hold(e)
		case q.Backlog == Replay && q.isBehind(s):
			q.queueBacklog(e) // it goes before older ones, and so again in order
		}
	}
	q.repeatNewest()
}

// takes tells whether readings in a unit can be published by the route.
func (r *Route) takes(unit string) bool {
	return r.Unit == "" || r.Unit == unit || slices.Contains(sensors.Units(unit), r.Unit)
}

// convert returns a reading in the unit of its route, if there is a way. The
// unit of a sensor can change while its readings wait.
func (r *Route) convert(reading sensors.Reading) sensors.Reading {
	if r.Unit != reading.Unit && slices.Contains(sensors.Units(reading.Unit), r.Unit) {
		reading.Value, reading.Unit = sensors.Convert(reading.Value, reading.Unit, r.Unit), r.Unit
	}
	return reading
}
