package publisher

import (
	"context"
	"slices"
	"time"

	"sensorpub/publisher/spool"
)

// inFlight reports whether a reading was sent on this connection and not
// acknowledged yet.
func (q *Queue) inFlight(position uint64) bool { return slices.Contains(q.flights, position) }

// excess is by how many more than Capacity wait. Readings in flight do not
// count.
func (q *Queue) excess() int {
	n := q.log.Waiting() - q.Capacity
	for i, p := range q.flights {
		if n >= 0 && q.log.Waits(p) && !slices.Contains(q.flights[:i], p) {
			n--
		}
	}
	return n
}

// dropOldest drops the oldest readings until Capacity is kept. The newest of a
// topic stays whatever its age, because it is what the topic will show, and
// what is in flight cannot be taken back. A spool has bounds of its own.
func (q *Queue) dropOldest() {
	if _, bounded := q.log.(*memoryLog); q.Overflow != DropOldest || !bounded {
		return
	}
	for after, n := uint64(0), q.excess(); n > 0; {
		r, ok, _ := q.log.Next(after)
		if !ok {
			return
		}
		after = r.Position
		if q.droppable(r) {
			q.drop(r, Overflow)
			n--
		}
	}
}

// droppable reports whether a waiting reading is neither in flight nor the
// newest of its topic.
func (q *Queue) droppable(r spool.Record) bool {
	s := q.find(r)
	return !q.inFlight(r.Position) && (s == nil || s.newest.Position != r.Position)
}

// crowded reports whether there is no room for another reading, even after
// those that are too old have been dropped.
func (q *Queue) crowded() bool {
	for after := uint64(0); q.MaxAge > 0 && q.excess() >= 0; {
		r, ok, _ := q.log.Next(after)
		if !ok || q.droppable(r) && !q.expire(r) {
			break
		}
		after = r.Position
	}
	return q.excess() >= 0
}

// awaitRoom waits, with Overflow Block, until there is room for a reading of
// the series, ctx ends or the queue is closed.
func (q *Queue) awaitRoom(ctx context.Context, s *series) error {
	for s != nil && q.Overflow == Block && q.open.Err() == nil && q.crowded() {
		freed := q.freed
		var expiry <-chan time.Time // of those before it
		if q.MaxAge > 0 {
			expiry = time.After(max(q.MaxAge/10, time.Second))
		}
		q.mu.Unlock()
		select {
		case <-freed:
		case <-expiry:
		case <-ctx.Done():
		case <-q.open.Done():
		}
		q.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if q.open.Err() != nil {
		return errClosed
	}
	return nil
}

// free wakes those who wait for room.
func (q *Queue) free() {
	if q.Overflow == Block {
		q.wakeWaiting()
	}
}

func (q *Queue) wakeWaiting() {
	close(q.freed)
	q.freed = make(chan struct{})
}
