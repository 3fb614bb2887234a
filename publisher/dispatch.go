package publisher

import (
	"slices"

	"sensorpub/publisher/spool"
)

// A dispatch decides what is sent next on a connection, in this order of
// precedence: the newest reading of each topic, live readings and notices as
// they come, the backlog, which is everything else that waits, and at its end the
// newest reading of each topic on which an older one was sent last.
type dispatch struct {
	stock
	availability
	quarantine
	lineup // of the present connection
}

// A lineup is what remains to be sent on one connection.
type lineup struct {
	connected bool
	announce  []*series // their newest readings are sent first
	live      []item
	cursor    uint64    // the backlog up to here was sent
	replayed  []*series // older readings were sent to their topics
}

// An item is a live reading, or a notice that goes out after the readings
// before it.
type item struct {
	position uint64
	notice   *notice
}

// connect begins a connection. Unacknowledged readings go before those that the broker
// may have lost, so that even short connections make progress.
func (d *dispatch) connect() {
	d.flights, d.lineup = nil, lineup{connected: true}
	var again []*series
	for _, s := range d.ordered {
		s.replayed = false
		switch {
		case !d.announces(s):
		case d.log.Waits(s.newest.Position):
			d.announce = append(d.announce, s)
		default:
			again = append(again, s)
		}
	}
	d.announce = append(d.announce, again...)
	d.lineNotices()
}

// announces reports whether the newest reading of a series is to go out first.
// One that was delivered is not sent again without the retain flag, as it would
// look like a new one, unless an older one was sent after it.
func (d *dispatch) announces(s *series) bool {
	switch {
	case s.newest.Position == 0, d.holds(s.route.Topic):
		return false
	case d.log.Waits(s.newest.Position):
		return true
	}
	return (s.older || s.route.Retain && !s.retired && !s.cleared && !s.restored) && !d.tooOld(s.newest)
}

// lineReading queues the newest reading of a series, unless the series is announced
// with it.
func (d *dispatch) lineReading(s *series) {
	if slices.Contains(d.announce, s) {
		return
	}
	d.live = append(d.live, item{position: s.newest.Position})
	if most := 2*d.Capacity + 16; len(d.live) > most { // on a slow link the oldest become backlog
		excess := len(d.live) - d.Capacity
		d.live = slices.DeleteFunc(d.live, func(i item) bool {
			excess--
			return excess >= 0 && i.notice == nil
		})
	}
}

// next returns what is to be sent next, if anything. The backlog is left out
// if there is no room for it.
func (d *dispatch) next(backlog bool) (Delivery, bool) {
	for len(d.announce) > 0 {
		s := shift(&d.announce)
		if r := s.newest; r.Position != 0 && !d.holds(s.route.Topic) && !d.expire(r) {
			delivery := d.launch(s, r)
			delivery.Announce = true
			return delivery, true
		}
	}
	for len(d.live) > 0 {
		if d.live[0].notice.waits() {
			return Delivery{}, false
		}
		if delivery, ok := d.nextLive(shift(&d.live)); ok {
			return delivery, true
		}
	}
	if !backlog || !d.connected {
		return Delivery{}, false
	}
	delivery, ok := d.nextOfBacklog()
	delivery.backlog = true
	return delivery, ok
}

func (d *dispatch) nextLive(i item) (Delivery, bool) {
	if i.notice != nil {
		return d.post(i.notice)
	}
	r, ok, _ := d.log.Next(i.position - 1)
	if s := d.find(r); ok && r.Position == i.position && s != nil && !d.holds(s.route.Topic) && !d.expire(r) {
		return d.launch(s, r), true
	}
	return Delivery{}, false // settled, held back, or no longer in memory and so part of the backlog
}

// launch notes that a reading of a series is in flight to its topic.
func (d *dispatch) launch(s *series, r spool.Record) Delivery {
	d.flights = append(d.flights, r.Position)
	d.free()
	s.older = r.Position != s.newest.Position
	return Delivery{Reading: r.Reading, Route: s.route, Retain: s.retains(), series: s, position: r.Position}
}

// land notes that a delivery is no longer in flight.
func (d *dispatch) land(delivery Delivery) {
	if i := slices.Index(d.flights, delivery.position); i >= 0 {
		d.flights = slices.Delete(d.flights, i, i+1)
	}
}

func shift[T any](s *[]T) T {
	first := (*s)[0]
	var zero T
	(*s)[0] = zero
	*s = (*s)[1:]
	return first
}
