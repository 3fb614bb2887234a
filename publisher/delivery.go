package publisher

import (
	"slices"

	"sensorpub/sensors"
)

// A Delivery is one message that is to be sent.
type Delivery struct {
	Reading  sensors.Reading
	Route    *Route
	Retain   bool
	History  bool     // to history/Topic
	Announce bool     // the newest of its topic, or a status, first on this connection
	notice   *Message // to be sent as it is; nil: a reading
	ended    *status  // the notice is the last of this status
	early    bool     // older ones of its stream are to follow, then it goes once more
	entry    *entry   // of the reading
}

// Opening tells whether Next has still to hand out what goes first on a
// connection: the newest of each topic and the status of the sensors.
func (q *Queue) Opening() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.announce) > 0 || len(q.live) > 0 && q.live[0].notice != nil && q.live[0].notice.opening
}

// Next hands out what is to be sent next, if anything: first the newest of
// each topic, then live readings and notices, then, if the caller has room for
// it, the backlog.
func (q *Queue) Next(backlog bool) (Delivery, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.announce) > 0 {
		s := shift(&q.announce)
		s.announced = true
		if s.newest.queued && s.behind == 1 && q.gap.n == 0 { // nothing else is to follow
			q.backlog = slices.DeleteFunc(q.backlog, func(e *entry) bool { return e == s.newest })
			s.newest.queued, s.behind = false, 0
		}
		d := q.launch(s.newest)
		d.Announce = true
		return d, true
	}
	for len(q.live) > 0 {
		e := shift(&q.live)
		if e.notice != nil {
			if d, ok := q.post(e.notice); ok {
				return d, true
			}
		} else if !e.skip && !q.expired(e) {
			return q.launch(e), true
		}
	}
	for backlog && len(q.backlog) > 0 && !q.gap.before(q.backlog[0]) {
		e := shift(&q.backlog)
		s := e.stream
		s.behind--
		e.queued = false
		switch {
		case e == s.newest && e == s.last:
			q.owe(e, false) // the subscriber has just seen it
			continue
		case e.skip, q.expired(e), e.closing && e != s.newest && !e.owed:
			q.endOnNewest(s)
			continue
		}
		d := q.launch(e)
		q.endOnNewest(s)
		d.History = q.Backlog == History
		d.Retain = d.Retain && e == s.newest
		return d, true
	}
	return Delivery{}, false
}

// launch notes that e is under way.
func (q *Queue) launch(e *entry) Delivery {
	if e.flights == 0 && !e.settled {
		q.flying++
		q.free()
	}
	e.flights++
	s := e.stream
	s.last = e
	return Delivery{
		Reading: q.corrected(e.reading), Route: s.route, Retain: s.retains(), entry: e,
		early: q.Backlog == Replay && e.queued && (s.behind > 1 || q.gap.n > 0), // itself and older ones
	}
}

// Ack notes the broker's acknowledgement of a delivery, or that a QoS 0
// message was handed to the network.
func (q *Queue) Ack(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	again := d.entry.settled
	if !again {
		if d.Route.QoS == 0 {
			q.account.Sent++
		} else {
			q.account.Acknowledged++
		}
		q.settle(d.entry)
	}
	if !again || !d.early { // one that is only repeated is not kept among those that wait
		// Unless its turn has come already, and it was passed over.
		q.owe(d.entry, d.early && q.Backlog == Replay && (d.entry.queued || d.entry.flights > 1))
	}
	q.release(d.entry)
	d.entry.flights--
	q.tidy()
}

// Refuse notes that a delivery cannot be encoded and will never be sent.
func (q *Queue) Refuse(d Delivery, reason sensors.Reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !d.entry.settled {
		q.account.Rejected[reason]++
		q.giveUp(d.entry)
	}
	q.owe(d.entry, false)
	d.entry.flights--
	q.tidy()
}

// Lost ends the connection: what is in flight waits again.
func (q *Queue) Lost() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.connected = false
	q.forgetLines()
	for _, e := range q.waiting {
		e.flights = 0
	}
	for _, s := range q.ordered {
		if s.newest != nil {
			s.newest.flights = 0
		}
	}
	q.flying = 0
	q.trim()
}

func shift[T any](s *[]T) T {
	first := (*s)[0]
	var zero T
	(*s)[0] = zero
	*s = (*s)[1:]
	return first
}
