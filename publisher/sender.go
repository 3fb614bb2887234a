package publisher

import (
	"maps"
	"slices"
	"time"

	"sensorpub/sensors"
)

// What the publisher calls: Connected, then Next and for each delivery Ack or
// Refuse, then Lost.

// Connected begins a connection. The newest reading of each topic will go out
// first, and again even if it was acknowledged before, so that a broker that
// lost its store heals; what waits besides follows as Backlog says.
func (q *Queue) Connected() {
	q.mu.Lock()
	defer q.mu.Unlock()
	before := q.topics()
	q.forgetRetired()
	q.release(before)
	q.connect()
	q.signal()
}

// Lost ends the connection. Readings in flight wait again, because they are not
// settled. If one was being sent once more, because an older one had come after it,
// that is due again.
func (q *Queue) Lost() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.ordered {
		s.older = s.older || q.inFlight(s.newest.Position)
	}
	q.flights, q.lineup = nil, lineup{}
	q.bound()
}

// Opening reports whether Next has yet to return what goes first on a
// connection: the newest of each topic and the status of the sensors.
func (q *Queue) Opening() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.announce) > 0 || len(q.live) > 0 && q.live[0].notice != nil && q.live[0].notice.opening
}

// Next returns what is to be sent next, if anything. The backlog is left out
// if the caller has no room for it.
func (q *Queue) Next(backlog bool) (Delivery, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.next(backlog)
}

// Load reads part of the backlog from files, if Next needs it, and reports whether
// Next may now have something. It may take long. It must be called by the goroutine
// that calls Next.
func (q *Queue) Load() bool {
	q.mu.Lock()
	cursor := q.cursor
	_, _, more := q.log.Next(cursor)
	more = more && q.connected && len(q.announce) == 0 && len(q.live) == 0
	q.mu.Unlock()
	return more && q.log.Load(cursor)
}

// Ack notes the broker's acknowledgement of a delivery, or that a QoS 0
// message was handed to the network. A reading that was sent twice counts once.
func (q *Queue) Ack(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.land(d)
	switch {
	case !q.log.Settle(d.position):
	case d.Route.QoS == 0:
		q.account.Sent++
		q.traces.settled(d.record(), FateSent, "")
	default:
		q.account.Acknowledged++
		q.traces.settled(d.record(), FateAcknowledged, "")
	}
	q.free()
}

// Refuse notes that a delivery cannot be encoded and will never be sent.
func (q *Queue) Refuse(d Delivery, reason sensors.Reason) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.land(d)
	if q.log.Settle(d.position) {
		q.account.Rejected[reason]++
		q.traces.settled(d.record(), FateRejected, reason)
	}
	d.series.forget(d.position)
	q.free()
}

// lastNotices returns, for the end of a connection, the outstanding notices of sensors
// that are no longer configured.
func (q *Queue) lastNotices() (all []Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, st := range q.statuses {
		if !st.ended() {
			continue
		}
		st.newest = &notice{status: st}
		if d, ok := q.post(st.newest); ok {
			all = append(all, d)
		}
	}
	return all
}

// ackNotice notes that the broker has a notice of a status. The last one of a
// status need not be repeated on the next connection.
func (q *Queue) ackNotice(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if d.status == nil {
		return // it deleted a reading
	}
	d.status.flying--
	q.statuses = slices.DeleteFunc(q.statuses, func(st *status) bool { return d.ended && st == d.status && st.ended() })
}

// Refusals returns the topics that the broker refuses, sorted.
func (q *Queue) Refusals() (all []Refusal) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, topic := range slices.Sorted(maps.Keys(q.held)) {
		if h := q.held[topic]; h.proofs > 0 {
			all = append(all, h.Refusal)
		}
	}
	return all
}

// isHeld reports whether messages to a topic are held back, because the broker may
// refuse them.
func (q *Queue) isHeld(topic string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.holds(topic)
}

// retryDue reports whether a topic that is held back is to be tried again.
func (q *Queue) retryDue(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.due(now) != nil
}

// tryRefused ends the trial of one topic, and returns another one to which messages
// may be sent, if one is due.
func (q *Queue) tryRefused(tried string, now time.Time) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	h := q.quarantine.next(tried, now)
	if h == nil {
		return ""
	}
	q.cursor = 0
	for _, s := range q.ordered {
		if s.route.Topic != h.Topic || s.newest.Position == 0 {
			continue
		}
		if now.Sub(h.Since) >= refusedFor {
			q.drop(s.newest, Refused)
		}
		q.announce = append(q.announce, s)
	}
	for _, st := range q.statuses {
		if st.topic == h.Topic {
			st.said = ""
			q.lineStatus(st, false)
		}
	}
	return h.Topic
}
