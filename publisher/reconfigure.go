package publisher

import (
	"slices"

	"sensorpub/publisher/spool"
)

// Reconfigure replaces the routes and the limits, at once and for all that
// waits. A series whose sensor and quantity stay keeps its numbers. If its
// route has changed, what waits goes where the new one says, and so does, once
// more, the newest reading if it is retained. What waits of a series that is
// no longer among the routes is still delivered as before.
func (q *Queue) Reconfigure(routes []Route, limits Limits) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if limits.Backlog != q.Backlog {
		q.cursor = 0 // what waits is looked at anew
	}
	q.Limits = limits
	taken := q.setRoutes(routes)
	q.attachAll(q.ordered, taken)
	q.lineNews()
	q.announce = slices.DeleteFunc(q.announce, func(s *series) bool { return !q.announces(s) })
	q.forgetRetired()
	q.bound()
	q.free() // to look again
	q.signal()
}

// setRoutes finds or makes the series of each route, retires those that have
// none any more, and returns the topics of the routes.
func (q *Queue) setRoutes(routes []Route) map[string]bool {
	topics := make(map[string]bool)
	old, known := q.ordered, q.series
	q.series, q.ordered = make(map[spool.Key]*series, len(routes)), nil
	for _, r := range routes {
		topics[r.Topic] = true
		s := &series{route: &r}
		if before := known[s.key()]; before != nil {
			changed := *before.route != r
			s, before.route, before.retired = before, &r, false
			if changed {
				q.reshow(s)
			}
		}
		q.add(s)
	}
	for _, s := range old {
		if q.series[s.key()] == nil {
			s.retire(topics[s.route.Topic])
			q.add(s)
		}
	}
	return topics
}

// reshow sends the newest reading once more, as the new route of its series
// says, unless it has yet to go out anyway.
func (q *Queue) reshow(s *series) {
	if !q.connected || slices.Contains(q.announce, s) || !s.route.Retain || !q.announces(s) {
		return
	}
	if p := s.newest.Position; !q.log.Waits(p) || q.inFlight(p) {
		q.announce = append(q.announce, s)
	}
}
