package publisher

import "slices"

// A status is what the topic of a sensor's own availability says: whether all
// its quantities are live. Not a reading, so not accounted for; only the newest
// is sent, and again on every connection.
type status struct {
	topic  string
	series []*series // none: its sensor is no longer configured
	newest *notice   // replaces any older one
	said   string    // on this connection
}

// A notice is lined up among live readings, so that it goes out after the
// readings that were put before it.
type notice struct {
	status  *status // whose payload is to be sent, or
	cleared *series // whose retained reading is to be deleted
	opening bool    // it is among the first of this connection
}

// attach gives a series the status that it shares with others of its sensor.
func (q *Queue) attach(s *series) {
	s.status = nil
	if s.retired || s.route.Status == "" {
		return
	}
	i := slices.IndexFunc(q.statuses, func(st *status) bool { return st.topic == s.route.Status })
	if i < 0 {
		i = len(q.statuses)
		q.statuses = append(q.statuses, &status{topic: s.route.Status})
	}
	s.status = q.statuses[i]
	s.status.series = append(s.status.series, s)
}

// setStatuses attaches all series anew. A status that has lost its last series
// says "offline", on the next connection if there is none now, unless its topic
// is used for readings.
func (q *Queue) setStatuses(taken map[string]bool) {
	for _, st := range q.statuses {
		st.series = nil
	}
	for _, s := range q.ordered {
		q.attach(s)
	}
	q.statuses = slices.DeleteFunc(q.statuses, func(st *status) bool { return st.ended() && taken[st.topic] })
	for _, st := range q.statuses {
		if st.ended() {
			st.said = "" // what was sent may not have arrived
		}
		if q.connected && st.payload() != st.said {
			q.lineStatus(st, false)
		}
	}
}

// ended reports whether the sensor of a status is no longer configured.
func (st *status) ended() bool { return len(st.series) == 0 }

func (st *status) payload() string {
	if st.ended() || slices.ContainsFunc(st.series, func(s *series) bool { return !s.live }) {
		return Offline
	}
	return Online
}

// Live notes that the readings of a quantity have become live or are no longer.
// At first none is. A sensor whose quantities are all live is "online" on its
// status topic; the reading that made it so goes out before that.
func (q *Queue) Live(sensor, quantity string, live bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.series[seriesKey(sensor, quantity)]
	if s == nil || s.retired {
		return // just removed from the configuration
	}
	s.live = live
	s.cleared = s.cleared || !live && s.route.Retain && s.route.ClearStale
	if q.connected {
		q.lineNotice(s, false)
		q.signal()
	}
}

// lineNotices lines up all that is to be said on a new connection.
func (q *Queue) lineNotices() {
	for _, st := range q.statuses {
		st.said = ""
		if st.ended() {
			q.lineStatus(st, true)
		}
	}
	for _, s := range q.ordered {
		q.lineNotice(s, true)
	}
}

func (q *Queue) lineNotice(s *series, opening bool) {
	if s.status != nil {
		q.lineStatus(s.status, opening)
	}
	if s.cleared {
		q.live = append(q.live, item{notice: &notice{cleared: s, opening: opening}})
	}
}

func (q *Queue) lineStatus(st *status, opening bool) {
	st.newest = &notice{status: st, opening: opening}
	q.live = append(q.live, item{notice: st.newest})
}

// post makes a delivery of a notice, unless it is out of date.
func (q *Queue) post(n *notice) (Delivery, bool) {
	m := Message{QoS: 1, Retain: true}
	d := Delivery{Announce: n.opening, notice: &m}
	switch st := n.status; {
	case n.cleared != nil && n.cleared.cleared && !q.holds(n.cleared.route.Topic):
		m.Topic, m.Payload = n.cleared.route.Topic, []byte{}
	case st != nil && n == st.newest && st.payload() != st.said && !q.holds(st.topic):
		st.said = st.payload()
		m.Topic, m.Payload = st.topic, []byte(st.said)
		if st.ended() {
			d.ended = st
		}
	default:
		return Delivery{}, false
	}
	return d, true
}

// lastNotices returns, for the end of a connection, what is still to be said of
// sensors that are no longer configured.
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

// ackNotice notes that the broker has a notice. One that was the last of its
// status need not be repeated on the next connection.
func (q *Queue) ackNotice(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.statuses = slices.DeleteFunc(q.statuses, func(st *status) bool { return st == d.ended && st.ended() })
}
