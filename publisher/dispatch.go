package publisher

import (
	"slices"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A dispatch is what is to be sent on one connection, in this order of
// precedence: the newest reading of each topic, live readings and notices as
// they come, the backlog, which is all else that waits, and at its end the
// newest of those topics where an older one was sent last.
type dispatch struct {
	connected bool
	announce  []*series // whose newest reading goes out first
	live      []item
	cursor    uint64   // the backlog up to here was sent
	flights   []uint64 // positions sent and not acknowledged yet
	replayed  []*series
}

// An item is a live reading, or a notice that goes out after the readings
// before it.
type item struct {
	position uint64
	notice   *notice
}

// A Delivery is one message to be sent.
type Delivery struct {
	Reading  sensors.Reading
	Route    *Route
	Retain   bool
	History  bool     // to history/Topic
	Announce bool     // the newest of its topic, or a status, first on this connection
	notice   *Message // to be sent as it is; nil: a reading
	ended    *status  // the notice is the last of this status
	series   *series  // of the reading
	position uint64   // of the reading; 0: a notice
}

// Connected begins a connection. The newest reading of each topic will go out
// first, and again even if it was acknowledged before, so that a broker that
// lost its store heals; what waits besides follows as Backlog says.
func (q *Queue) Connected() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forgetRetired()
	q.dispatch = dispatch{connected: true}
	for _, s := range q.ordered {
		if q.announces(s) {
			q.announce = append(q.announce, s)
		}
	}
	q.lineNotices()
	q.signal()
}

// Lost ends the connection: what is in flight waits again, as it is not settled.
func (q *Queue) Lost() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.dispatch = dispatch{}
	q.dropOldest()
}

// announces reports whether the newest reading of a series is to go out first.
// One that was delivered is not sent again without the retain flag, as it would
// look like a new one, unless an older one was sent after it.
func (q *Queue) announces(s *series) bool {
	switch {
	case s.newest.Position == 0, q.holds(s.route.Topic):
		return false
	case q.log.Waits(s.newest.Position):
		return true
	}
	return (s.endsOlder() || s.route.Retain && !s.retired && !s.cleared && !s.restored) && !q.tooOld(s.newest)
}

// lineReading lines up the newest reading of a series, unless the announcement
// of that will carry it.
func (q *Queue) lineReading(s *series) {
	if slices.Contains(q.announce, s) {
		return
	}
	q.live = append(q.live, item{position: s.newest.Position})
	if most := 2*q.Capacity + 16; len(q.live) > most { // on a slow link the oldest become backlog
		excess := len(q.live) - q.Capacity
		q.live = slices.DeleteFunc(q.live, func(i item) bool {
			excess--
			return excess >= 0 && i.notice == nil
		})
	}
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
	for len(q.announce) > 0 {
		s := shift(&q.announce)
		if r := s.newest; r.Position != 0 && !q.holds(s.route.Topic) && !q.expire(r) {
			d := q.launch(s, r)
			d.Announce = true
			return d, true
		}
	}
	for len(q.live) > 0 {
		if d, ok := q.nextLive(shift(&q.live)); ok {
			return d, true
		}
	}
	if !backlog || !q.connected {
		return Delivery{}, false
	}
	return q.nextOfBacklog()
}

func (q *Queue) nextLive(i item) (Delivery, bool) {
	if i.notice != nil {
		return q.post(i.notice)
	}
	r, ok, _ := q.log.Next(i.position - 1)
	if s := q.find(r); ok && r.Position == i.position && s != nil && !q.holds(s.route.Topic) && !q.expire(r) {
		return q.launch(s, r), true
	}
	return Delivery{}, false // settled, held back, or no longer in memory and so part of the backlog
}

// nextOfBacklog returns the next reading of the backlog. As all that was to go
// out before has been sent, that is whatever waits and is not in flight.
func (q *Queue) nextOfBacklog() (Delivery, bool) {
	for {
		r, ok, more := q.log.Next(q.cursor)
		if !ok && more {
			return Delivery{}, false // to be loaded
		}
		if !ok {
			return q.nextReplayed()
		}
		q.cursor = r.Position
		s := q.find(r)
		switch {
		case q.inFlight(r.Position), q.expire(r):
		case s == nil, !s.route.accepts(r.Reading.Unit):
			q.drop(r, Unwanted)
		case r.Position == s.newest.Position:
			if !q.holds(s.route.Topic) {
				return q.launch(s, r), true
			}
		case q.Backlog == Latest:
			q.log.Settle(r.Position)
			q.account.Superseded++
			q.free()
		case q.refuses(q.olderTopic(s)):
			q.drop(r, Refused) // a newer one has taken its place
		case !q.holds(q.olderTopic(s)):
			return q.launchOlder(s, r), true
		}
	}
}

// nextReplayed returns the newest reading of a topic to which an older one was
// sent last, at the end of the backlog.
func (q *Queue) nextReplayed() (Delivery, bool) {
	for len(q.replayed) > 0 {
		s := shift(&q.replayed)
		if s.endsOlder() && s.newest.Position != 0 && !q.holds(s.route.Topic) && !q.tooOld(s.newest) {
			return q.launch(s, s.newest), true
		}
	}
	return Delivery{}, false
}

// launch notes that a reading of a series is in flight to its topic.
func (q *Queue) launch(s *series, r spool.Record) Delivery {
	q.flights = append(q.flights, r.Position)
	q.free()
	s.last = r.Position
	return Delivery{Reading: q.corrected(r.Reading), Route: s.route, Retain: s.retains(), series: s, position: r.Position}
}

// olderTopic returns where the readings of a series go that are not its newest.
func (q *Queue) olderTopic(s *series) string {
	if q.Backlog == History {
		return HistoryTopic(s.route.Topic)
	}
	return s.route.Topic
}

// launchOlder notes that a reading is in flight that is not the newest of its
// series.
func (q *Queue) launchOlder(s *series, r spool.Record) Delivery {
	last := s.last
	d := q.launch(s, r)
	d.Retain = false
	if d.History = q.Backlog == History; d.History {
		s.last = last
	} else if !slices.Contains(q.replayed, s) {
		q.replayed = append(q.replayed, s)
	}
	return d
}

// Load reads part of the backlog from files, if that is what Next lacks, and
// reports whether Next may now have something. It may take long. It belongs to
// the goroutine that calls Next.
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
	default:
		q.account.Acknowledged++
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
	}
	d.series.forget(d.position)
	q.free()
}

func (q *Queue) land(d Delivery) {
	if i := slices.Index(q.flights, d.position); i >= 0 {
		q.flights = slices.Delete(q.flights, i, i+1)
	}
}

// drop settles a waiting reading that will not be sent.
func (q *Queue) drop(r spool.Record, reason sensors.Reason) {
	if q.log.Settle(r.Position) {
		q.account.Dropped[reason]++
		q.free()
	}
}

// find returns the series of a reading, also a retired one, or nil.
func (q *Queue) find(r spool.Record) *series {
	return q.series[seriesKey(r.Reading.Sensor, r.Reading.Quantity)]
}

func shift[T any](s *[]T) T {
	first := (*s)[0]
	var zero T
	(*s)[0] = zero
	*s = (*s)[1:]
	return first
}
