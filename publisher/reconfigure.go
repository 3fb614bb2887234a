package publisher

import (
	"maps"
	"slices"

	"sensorpub/publisher/spool"
)

// Reconfigure replaces the routes and the limits, at once and for all that
// waits. A series whose sensor and quantity stay keeps its numbers. If its
// route has changed, what waits goes where the new one says, and so does, once
// more, the newest reading if it is retained; the same if the series comes back.
// What waits of a series that is no longer among the routes is still delivered
// as before.
func (q *Queue) Reconfigure(routes []Route, limits Limits) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cursor = 0 // what waits is looked at anew
	q.Limits = limits
	before := q.topics()
	taken := q.setRoutes(routes)
	q.attachAll(q.ordered, taken)
	q.lineNews()
	q.announce = slices.DeleteFunc(q.announce, func(s *series) bool { return !q.announces(s) })
	q.forgetRetired()
	q.release(before)
	q.bound()
	q.free() // to look again
	q.signal()
}

// topics returns the topics that are in use.
func (q *Queue) topics() map[string]bool {
	all := make(map[string]bool)
	for _, s := range q.ordered {
		all[s.route.Topic], all[HistoryTopic(s.route.Topic)], all[s.route.Status] = true, true, true
	}
	return all
}

// retained returns the topics to which something retained may still be sent: of
// removed sensors as well, while any of their readings waits.
func (q *Queue) retained() map[string]bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forgetRetired()
	all := make(map[string]bool)
	for _, s := range q.ordered {
		if s.route.Retain {
			all[s.route.Topic] = true
		}
	}
	for _, st := range q.statuses {
		all[st.topic] = true
	}
	return all
}

// release forgets the holds on topics that are no longer in use.
func (q *Queue) release(before map[string]bool) {
	now := q.topics()
	maps.DeleteFunc(q.held, func(topic string, _ *hold) bool { return before[topic] && !now[topic] })
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
			changed := before.retired || *before.route != r
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
