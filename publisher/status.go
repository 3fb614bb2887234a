package publisher

// A status is what the topic of a sensor's own availability says: that all its
// quantities are live, or not. It is no reading: it is in no account, and only
// the newest is sent, on every connection anew.
type status struct {
	topic   string
	streams []*stream
	newest  *notice // an older one is passed over
	said    string  // on this connection
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

// Live notes that the readings of a quantity have become live or are no longer.
// No quantity is at first. A sensor whose quantities are all live is "online"
// on its status topic; the reading that made it so goes out before that.
func (q *Queue) Live(sensor, quantity string, live bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.streams[key{sensor, quantity}]
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
	}
	for _, s := range q.ordered {
		q.lineNotice(s, true)
	}
}

// lineNotice puts what is to be said of a stream in the line.
func (q *Queue) lineNotice(s *stream, opening bool) {
	if s.status != nil {
		s.status.newest = &notice{status: s.status, opening: opening}
		q.live = append(q.live, &entry{notice: s.status.newest})
	}
	if s.cleared {
		q.live = append(q.live, &entry{notice: &notice{cleared: s, opening: opening}})
	}
}

// post makes a delivery of a notice, unless a newer one says otherwise.
func (q *Queue) post(n *notice) (Delivery, bool) {
	m := Message{QoS: 1, Retain: true}
	switch st := n.status; {
	case n.cleared != nil && n.cleared.cleared:
		m.Topic, m.Payload = n.cleared.route.Topic, []byte{}
	case st != nil && n == st.newest && st.payload() != st.said:
		st.said = st.payload()
		m.Topic, m.Payload = st.topic, []byte(st.said)
	default:
		return Delivery{}, false
	}
	return Delivery{Announce: n.opening, notice: &m}, true
}

func (st *status) payload() string {
	for _, s := range st.streams {
		if !s.live {
			return Offline
		}
	}
	return Online
}

// retains tells whether a reading of the stream is to be retained.
func (s *stream) retains() bool { return s.route.Retain && !s.cleared }
