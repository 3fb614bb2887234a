package publisher

import (
	"slices"

	"sensorpub/publisher/spool"
)

// What happens to a reading when the queue is full.
const (
	DropOldest = "drop-oldest" // the default
	DropNewest = "drop-newest"
	Block      = "block" // the bus waits, and its probes miss their turns
)

// excess is by how many more than Capacity wait. Readings in flight do not
// count, nor does the newest of a topic that is held back, which may wait for an
// hour.
func (d *dispatch) excess() int {
	n := d.log.Waiting() - d.Capacity
	for i, p := range d.flights {
		if n >= 0 && d.log.Waits(p) && !slices.Contains(d.flights[:i], p) {
			n--
		}
	}
	if len(d.held) == 0 || n < 0 {
		return n
	}
	for _, s := range d.ordered {
		if p := s.newest.Position; d.holds(s.route.Topic) && d.log.Waits(p) && !d.inFlight(p) {
			n--
		}
	}
	return n
}

// dropOldest drops the oldest readings until Capacity is kept. The newest of a
// topic stays whatever its age, because it is what the topic will show, and
// what is in flight cannot be taken back. A spool has bounds of its own.
func (d *dispatch) dropOldest() {
	if _, bounded := d.log.(*memoryLog); !bounded {
		return
	}
	for after, n := uint64(0), d.excess(); n > 0; {
		r, ok, _ := d.log.Next(after)
		if !ok {
			return
		}
		after = r.Position
		if d.droppable(r) {
			d.drop(r, Overflow)
			n--
		}
	}
}

// droppable reports whether a waiting reading is neither in flight nor the
// newest of its topic.
func (s *stock) droppable(r spool.Record) bool {
	of := s.find(r)
	return !s.inFlight(r.Position) && (of == nil || of.newest.Position != r.Position)
}

// crowded reports whether there is no room for another reading, even after
// those that are too old have been dropped.
func (d *dispatch) crowded() bool {
	for after := uint64(0); d.MaxAge > 0 && d.excess() >= 0; {
		r, ok, _ := d.log.Next(after)
		if !ok || d.droppable(r) && !d.expire(r) {
			break
		}
		after = r.Position
	}
	return d.excess() >= 0
}

// free wakes those who wait for room.
func (s *stock) free() {
	if s.waiters > 0 {
		close(s.freed)
		s.freed = make(chan struct{})
	}
}
