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

// excess is by how many more than Capacity wait, besides those in flight and so
// many that are held back.
func (s *stock) excess(held int) int {
	n := s.log.Waiting() - s.Capacity - held
	for i, p := range s.flights {
		if n >= 0 && s.log.Waits(p) && !slices.Contains(s.flights[:i], p) {
			n--
		}
	}
	return n
}

// dropOldest drops the oldest readings until Capacity is kept. The newest of a
// topic stays whatever its age, because it is what the topic will show, and
// what is in flight cannot be taken back. A spool has bounds of its own.
func (s *stock) dropOldest(held int) {
	if _, bounded := s.log.(*memoryLog); !bounded {
		return
	}
	for after, n := uint64(0), s.excess(held); n > 0; {
		r, ok, _ := s.log.Next(after)
		if !ok {
			return
		}
		after = r.Position
		if s.droppable(r) {
			s.drop(r, Overflow)
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
func (s *stock) crowded(held int) bool {
	for after := uint64(0); s.MaxAge > 0 && s.excess(held) >= 0; {
		r, ok, _ := s.log.Next(after)
		if !ok || s.droppable(r) && !s.expire(r) {
			break
		}
		after = r.Position
	}
	return s.excess(held) >= 0
}

// free wakes the goroutines that wait for room.
func (s *stock) free() {
	if s.waiters > 0 {
		close(s.freed)
		s.freed = make(chan struct{})
	}
}
