package publisher

import "slices"

// full tells whether there is no place for another reading, where the others do
// not make room for it. What is in flight takes none, what waits in the spool
// only does.
func (q *Queue) full() bool { return int(q.account.Queued)-q.flying >= q.Capacity }

// crowded tells whether there is still no place when what has become too old
// has given up its own.
func (q *Queue) crowded() bool {
	for _, e := range q.waiting {
		if q.MaxAge == 0 || !q.full() || e.idle() && !q.expired(e) {
			break
		}
	}
	return q.full()
}

// excess tells whether more than Capacity readings wait in memory.
func (q *Queue) excess() bool {
	return int(q.account.Queued)-q.gap.n-q.flying > q.Capacity
}

// trim drops the oldest readings until Capacity is kept, or, with a spool,
// leaves them to it. The newest of a topic stays whatever its age, for it is
// what the topic will show, and what is in flight cannot be taken back.
func (q *Queue) trim() {
	if q.Overflow != DropOldest || !q.excess() {
		return
	}
	if q.Spool != nil {
		q.leave(q.Capacity / 4)
	}
	for i := 0; i < len(q.waiting) && q.excess(); i++ {
		if e := q.waiting[i]; e.idle() {
			q.account.Dropped[Overflow]++
			q.giveUp(e)
		}
	}
	q.tidy()
}

// idle tells whether e could be taken out of the queue.
func (e *entry) idle() bool { return !e.settled && e.flights == 0 && e != e.stream.newest }

// settle notes that the fate of e is in the account now.
func (q *Queue) settle(e *entry) {
	if e.flights > 0 {
		q.flying--
	}
	e.settled = true
	q.account.Queued--
	q.free()
}

// free wakes those who wait for a place.
func (q *Queue) free() {
	if q.Overflow == Block {
		close(q.freed)
		q.freed = make(chan struct{})
	}
}

// giveUp settles e, whose fate the caller has counted, so that it is not sent.
func (q *Queue) giveUp(e *entry) {
	e.skip = true
	q.settle(e)
	q.release(e)
}

// owe notes whether a settled entry is to be sent again in its turn. More than
// Capacity of them are not kept: they have been delivered, if out of order.
func (q *Queue) owe(e *entry, owed bool) {
	if owed == e.owed || owed && q.owed >= q.Capacity {
		return
	}
	e.owed = owed
	if owed {
		q.owed++
	} else {
		q.owed--
		q.release(e)
	}
}

// tidy forgets what is settled once it is the larger part.
func (q *Queue) tidy() {
	if len(q.waiting) > 2*(int(q.account.Queued)-q.gap.n+q.owed)+16 {
		q.collect()
		q.waiting = slices.DeleteFunc(q.waiting, (*entry).over)
	}
	if len(q.live) > 2*q.Capacity+16 {
		q.live = slices.DeleteFunc(q.live, func(e *entry) bool { return e.skip })
	}
}

// over tells whether nothing more is to be done about e.
func (e *entry) over() bool { return e.settled && !e.owed }
