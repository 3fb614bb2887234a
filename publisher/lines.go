package publisher

import (
	"cmp"
	"slices"
)

// Connected begins a connection: it sorts out what an outage has left. The
// newest reading of each topic will go out first, and again even if it was
// acknowledged before, so that a broker that lost its store heals; the rest
// follow as Backlog says.
func (q *Queue) Connected() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.connected = true
	q.collect()
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
	q.repeatNewest()
	q.lineNotices()
	q.signal()
}

// repeatNewest has the newest reading of each stream go out once more after
// older ones that are replayed, and brings the backlog into order.
func (q *Queue) repeatNewest() {
	for _, s := range q.ordered {
		if q.Backlog == Replay && q.isBehind(s) && s.newest != nil && s.newest.over() && !s.newest.skip {
			q.queueBacklog(s.newest)
		}
	}
	slices.SortStableFunc(q.backlog, byPosition)
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
	case s.newest == nil || s.newest.skip || s.newest.inherited:
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
	e.queued, e.closing = true, false
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
		} else if previous != nil && !previous.settled {
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

// endOnNewest has the newest reading of a stream go out once more when nothing
// older is to follow, so that a live subscriber ends on it.
func (q *Queue) endOnNewest(s *stream) {
	n := s.newest
	if n != nil && q.Backlog == Replay && !q.isBehind(s) && s.last != nil && s.last != n && !n.skip && !q.tooOld(n) {
		q.queueBacklog(n)
		n.closing = true
	}
}

// forgetLines empties what is to be sent.
func (q *Queue) forgetLines() {
	for _, e := range q.backlog {
		e.queued = false
	}
	q.announce, q.live, q.backlog = nil, nil, nil
}
