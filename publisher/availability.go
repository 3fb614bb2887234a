package publisher

import "slices"

// A status is the content of a sensor's own availability topic: whether all its
// quantities are live. It is not a reading, so it is not accounted for; only the
// newest is sent, and again on every connection.
type status struct {
	topic  string
	series []*series // none: its sensor is no longer configured
	before bool      // an earlier process has sent it
	newest *notice   // replaces any older one
	said   string    // on this connection
	flying int       // messages of this connection without an acknowledgement
}

// A notice is queued among live readings, so that it is sent after the readings that
// were put before it.
type notice struct {
	status  *status // whose payload is to be sent, or
	cleared *series // whose retained reading is to be deleted
	opening bool    // it is among the first of this connection
}

// availability is the statuses of the sensors that have a topic for it.
type availability struct{ statuses []*status }

// attach gives a series the status that it shares with others of its sensor.
func (a *availability) attach(s *series) {
	s.status = nil
	if s.retired || s.route.Status == "" {
		return
	}
	i := slices.IndexFunc(a.statuses, func(st *status) bool { return st.topic == s.route.Status })
	if i < 0 {
		i = len(a.statuses)
		a.statuses = append(a.statuses, &status{topic: s.route.Status})
	}
	s.status = a.statuses[i]
	s.status.series = append(s.status.series, s)
}

// attachAll reattaches all series. A status that has lost its last series
// says "offline", unless its topic is used for readings or nothing was ever published there.
func (a *availability) attachAll(all []*series, taken map[string]bool) {
	never := make(map[*status]bool)
	for _, st := range a.statuses {
		never[st] = st.absent()
		st.series = nil
	}
	for _, s := range all {
		a.attach(s)
	}
	a.statuses = slices.DeleteFunc(a.statuses, func(st *status) bool { return st.ended() && (taken[st.topic] || never[st]) })
	for _, st := range a.statuses {
		if st.ended() {
			st.said = "" // what was sent may not have arrived
		}
	}
}

// ended reports whether the sensor of a status is no longer configured.
func (st *status) ended() bool { return len(st.series) == 0 }

// absent reports whether nothing is known about the sensor, which may be on another
// machine.
func (st *status) absent() bool {
	present := func(s *series) bool { return !s.route.IfPresent || s.exists() }
	return !st.before && !st.ended() && !slices.ContainsFunc(st.series, present)
}

func (st *status) payload() string {
	missing := func(s *series) bool { return s.exists() && !s.live }
	if slices.ContainsFunc(st.series, missing) || !slices.ContainsFunc(st.series, (*series).exists) {
		return Offline
	}
	return Online
}

// lineNews queues what has changed.
func (d *dispatch) lineNews() {
	for _, st := range d.statuses {
		if d.connected && st.payload() != st.said {
			d.lineStatus(st, false)
		}
	}
}

// lineNotices queues all notices for a new connection.
func (d *dispatch) lineNotices() {
	for _, st := range d.statuses {
		st.said, st.flying = "", 0
		if st.ended() {
			d.lineStatus(st, true)
		}
	}
	for _, s := range d.ordered {
		d.lineNotice(s, true)
	}
}

func (d *dispatch) lineNotice(s *series, opening bool) {
	if s.status != nil {
		d.lineStatus(s.status, opening)
	}
	if s.cleared {
		d.live = append(d.live, item{notice: &notice{cleared: s, opening: opening}})
	}
}

func (d *dispatch) lineStatus(st *status, opening bool) {
	if st.absent() {
		return
	}
	st.newest = &notice{status: st, opening: opening}
	d.live = append(d.live, item{notice: st.newest})
}

// waits reports whether the notice has to wait until the broker has acknowledged
// the status of its sensor: to a receiver with a time limit, the deletion of a
// reading looks like a sign of life unless it knows that the sensor is offline.
func (n *notice) waits() bool {
	return n != nil && n.cleared != nil && n.cleared.status != nil && n.cleared.status.flying > 0
}

// post turns a notice into a delivery, unless it is out of date.
func (d *dispatch) post(n *notice) (Delivery, bool) {
	switch s, st := n.cleared, n.status; {
	case s != nil && s.cleared && d.unsaid(s.status):
		d.live = slices.Insert(d.live, 0, item{notice: n}) // after this, and not when the newest notice of the status comes
		return d.say(s.status, n.opening), true
	case s != nil && s.cleared && !d.holds(s.route.Topic):
		return Delivery{Announce: n.opening, notice: &Message{s.route.Topic, []byte{}, 1, true}}, true
	case st != nil && n == st.newest && d.unsaid(st):
		return d.say(st, n.opening), true
	}
	return Delivery{}, false
}

// unsaid reports whether a status has changed and can be sent.
func (d *dispatch) unsaid(st *status) bool {
	return st != nil && st.payload() != st.said && !d.holds(st.topic)
}

// say returns the delivery of a status.
func (d *dispatch) say(st *status, opening bool) Delivery {
	st.said = st.payload()
	st.flying++
	return Delivery{Announce: opening, notice: &Message{st.topic, []byte(st.said), 1, true}, status: st, ended: st.ended()}
}
