package publisher

import (
	"cmp"
	"slices"
	"time"

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

// Connected begins a connection: it sorts out what an outage has left. The
// newest reading of each topic will go out first, and again even if it was
// acknowledged before, so that a broker that lost its store heals; the rest
// follow as Backlog says.
func (q *Queue) Connected() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.connected = true
	if q.gap.n > 0 {
		q.leave(q.Capacity) // what comes before it needs the room
	}
	q.expire()
	q.forgetRetired()
	q.forgetLines()
	q.repeats = 0
	for _, s := range q.ordered {
		s.last, s.behind = nil, 0
		s.announced = !q.toAnnounce(s)
		if !s.announced {
			q.announce = append(q.announce, s)
		}
	}
	waiting := q.waiting
	q.waiting = nil
	for _, e := range waiting {
		if e.over() {
			continue
		}
		q.waiting = append(q.waiting, e)
		if e == e.stream.newest && q.Backlog != Replay {
			continue // announcing it delivers it
		}
		q.hold(e)
	}
	// After older ones are replayed, the newest goes once more.
	for _, s := range q.ordered {
		if q.isBehind(s) && s.newest != nil && s.newest.over() && !s.newest.given {
			q.queueBacklog(s.newest)
		}
	}
	slices.SortFunc(q.backlog, byPosition)
	q.lineNotices()
	q.signal()
}

func byPosition(a, b *entry) int { return cmp.Compare(a.position, b.position) }

// isBehind tells whether older readings of a stream than those under way are
// to follow, or may be: of those in the spool it is not known whose they are.
func (q *Queue) isBehind(s *stream) bool { return s.behind > 0 || q.gap.n > 0 }

// toAnnounce tells whether the stream has a newest reading that is to go out
// at once. Without the retain flag there is nothing to heal, and a reading
// that was delivered must not look like a new one.
func (q *Queue) toAnnounce(s *stream) bool {
	switch {
	case s.newest == nil || s.newest.given || s.newest.inherited:
		return false
	case s.newest.settled:
		return s.route.Retain && !s.retired && !s.cleared && !q.tooOld(s.newest)
	}
	return true
}

// hold applies the rule for the backlog to an entry that is older than the
// newest of its stream, or, in replay, is the newest.
func (q *Queue) hold(e *entry) {
	if q.Backlog == Latest {
		q.account.Superseded++
		q.giveUp(e)
		return
	}
	q.queueBacklog(e)
}

// maxRepeats bounds, for each connection, the live readings that go out once
// more in their turn because older ones are still to follow. On a slow link
// they would otherwise keep the backlog from ever ending.
const maxRepeats = 8

func (q *Queue) queueBacklog(e *entry) {
	e.queued = true
	e.stream.behind++
	q.backlog = append(q.backlog, e)
}

// line puts a new reading where it belongs. previous was the newest until now.
func (q *Queue) line(e, previous *entry) {
	s := e.stream
	switch {
	case !q.connected:
		if q.Backlog == Latest && previous != nil && !previous.settled && previous.flights == 0 {
			q.account.Superseded++
			q.giveUp(previous)
		}
	case !s.announced:
		// The announcement will carry e instead of previous.
		if q.Backlog == Replay {
			q.queueBacklog(e)
		} else if !previous.settled {
			q.hold(previous)
		}
	default:
		q.live = append(q.live, e)
		if q.Backlog == Replay && q.isBehind(s) && q.repeats < maxRepeats {
			q.repeats++
			q.queueBacklog(e) // at once for the retained value, and again in order
		}
	}
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
		} else if !e.given {
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
		case e.given:
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

// endOnNewest has the newest reading of a stream go out once more when nothing
// older is to follow, so that a live subscriber ends on it.
func (q *Queue) endOnNewest(s *stream) {
	if n := s.newest; q.Backlog == Replay && !q.isBehind(s) && s.last != nil && s.last != n && !n.given {
		q.queueBacklog(n)
	}
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
		q.owe(d.entry, d.early && q.Backlog == Replay)
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

// forgetLines empties what is to be sent.
func (q *Queue) forgetLines() {
	for _, e := range q.backlog {
		e.queued = false
	}
	q.announce, q.live, q.backlog = nil, nil, nil
}

// expire drops what is older than MaxAge.
func (q *Queue) expire() {
	for _, e := range q.waiting {
		switch {
		case !q.tooOld(e) || e.flights > 0:
		case e.settled:
			q.owe(e, false)
		default:
			q.account.Dropped[Expired]++
			q.giveUp(e)
		}
	}
}

func (q *Queue) tooOld(e *entry) bool {
	now, _ := q.Clock()
	return q.MaxAge > 0 && now.Sub(q.corrected(e.reading).Time) > q.MaxAge
}

// corrected returns a reading with the time of its measurement by the clock of
// now: a clock that was set since then was wrong then.
func (q *Queue) corrected(r sensors.Reading) sensors.Reading {
	if r.Up == 0 {
		return r
	}
	now, up := q.Clock()
	if up == 0 {
		return r
	}
	at := now.Add(r.Up - up)
	if at.Sub(r.Time).Abs() > slewed {
		r.Time = at
	}
	return r
}

// slewed is how far the clock may go from the time since the boot without
// having been set: it is drawn by NTP, and slowly.
const slewed = time.Second

func shift[T any](s *[]T) T {
	first := (*s)[0]
	var zero T
	(*s)[0] = zero
	*s = (*s)[1:]
	return first
}
