package publisher

import "sensorpub/sensors"

// A Newest is the newest reading of a route.
type Newest struct {
	Reading sensors.Reading // in the unit of the route
	Route   Route
	Waits   bool // not acknowledged yet
}

// Newest returns the newest reading of each route that has one, in the order of
// the routes.
func (q *Queue) Newest() []Newest {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []Newest
	for _, s := range q.ordered {
		if r := s.newest; !s.retired && r.Position != 0 {
			all = append(all, Newest{s.route.Convert(r.Reading), *s.route, q.log.Waits(r.Position)})
		}
	}
	return all
}
