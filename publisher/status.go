package publisher

import "slices"

// A status is what the topic of a sensor's own availability says: that all its
// quantities are live, or not. It is no reading: it is in no account, and only
// the newest is sent, on every connection anew.
type status struct {
	topic   string
	streams []*stream // none: its sensor is no longer configured
	newest  *notice   // an older one is passed over
	said    string    // on this connection
}

// A notice is a place among the live readings, so that what it says comes
// after the readings that were put before.
type notice struct {
	status  *status // whose payload is to be sent, or
	cleared *stream // whose retained reading is to be deleted
	opening bool    // it is among the first of this connection
}

// attach gives a stream the status that it shares with others of its sensor.
func (q *Queue) attach(s *stream) {
	if s.route.Status == "" {
		return
	}
	for _, st := range q.statuses {
		if st.topic == s.route.Status {
			s.status = st
		}
	}
	if s.status == nil {
		s.status = &status{topic: s.route.Status}
		q.statuses = append(q.statuses, s.status)
	}
	s.status.streams = append(s.status.streams, s)
}

// setStatuses gives each stream its status anew. One that has lost its last
// stream says "offline", on the next connection if there is none now, unless
// its topic is taken for readings.
func (q *Queue) setStatuses(taken map[string]bool) {
	for _, st := range q.statuses {
		st.streams = nil
	}
	for _, s := range q.ordered {
		s.status = nil
		if !s.retired {
			q.attach(s)
		}
	}
	q.statuses = slices.DeleteFunc(q.statuses, func(st *status) bool { return st.ended() && taken[st.topic] })
	for _, st := range q.statuses {
		if st.ended() {
			st.said = "" // perhaps it has not arrived
		}
		if q.connected && st.payload() != st.said {
			q.lineStatus(st, false)
		}
	}
}

// ended tells whether the sensor of a status is no longer configured.
func (st *status) ended() bool { return len(st.streams) == 0 }

// lastWords hands out what is still to be said of sensors that are no longer
// configured, for the end of a connection.
func (q *Queue) lastWords() (all []Delivery) {
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
// status needs not be repeated on the next connection.
func (q *Queue) ackNotice(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.statuses = slices.DeleteFunc(q.statuses, func(st *status) bool { return st == d.ended && st.ended() })
}

// Live notes that the readings of a quantity have become live or are no longer.
// No quantity is at first. A sensor whose quantities are all live is "online"
// on its status topic; the reading that made it so goes out before that.
func (q *Queue) Live(sensor, quantity string, live bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.streams[key{sensor, quantity}]
	if s == nil {
		return // just taken out of the configuration
	}
	s.live = live
	s.cleared = s.cleared || !live && s.route.Retain && s.route.ClearStale
	if q.connected {
		q.lineNotice(s, false)
		q.signal()
	}
}

// lineNotices puts all that is to be said on a new connection in the line.
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

// lineNotice puts what is to be said of a stream in the line.
func (q *Queue) lineNotice(s *stream, opening bool) {
	if s.status != nil {
		q.lineStatus(s.status, opening)
	}
	if s.cleared {
		q.live = append(q.live, &entry{notice: &notice{cleared: s, opening: opening}})
	}
}

func (q *Queue) lineStatus(st *status, opening bool) {
	st.newest = &notice{status: st, opening: opening}
	q.live = append(q.live, &entry{notice: st.newest})
}

// post makes a delivery of a notice, unless a newer one says otherwise.
func (q *Queue) post(n *notice) (Delivery, bool) {
	m := Message{QoS: 1, Retain: true}
	d := Delivery{Announce: n.opening, notice: &m}
	switch st := n.status; {
	case n.cleared != nil && n.cleared.cleared:
		m.Topic, m.Payload = n.cleared.route.Topic, []byte{}
	case st != nil && n == st.newest && st.payload() != st.said:
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

func (st *status) payload() string {
	for _, s := range st.streams {
		if !s.live {
			return Offline
		}
	}
	if st.ended() {
		return Offline
	}
	return Online
}

// isLive tells whether the newest reading may be taken for the present. Without
// a status nobody would say so when it no longer may.
func (s *stream) isLive() bool { return s.live && s.status != nil }

// retains tells whether a reading of the stream is to be retained.
func (s *stream) retains() bool { return s.route.Retain && !s.cleared }
