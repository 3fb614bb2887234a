package publisher

import "sensorpub/publisher/spool"

// What happens to the readings of an outage when the broker is back. In each case
// the newest reading of a topic goes out first.
const (
	Replay  = "replay"  // all go to their topic, oldest first, retain off, then the newest once more
	Latest  = "latest"  // they are superseded by the newest
	History = "history" // they go to history/<topic>, never retained, after live readings
)

// nextOfBacklog returns the next reading of the backlog. As all that was to go
// out before has been sent, that is whatever waits and is not in flight.
func (d *dispatch) nextOfBacklog() (Delivery, bool) {
	for {
		r, ok, more := d.log.Next(d.cursor)
		if !ok && more {
			return Delivery{}, false // to be loaded
		}
		if !ok {
			return d.nextReplayed()
		}
		d.cursor = r.Position
		s := d.find(r)
		switch {
		case d.inFlight(r.Position), d.expire(r):
		case s == nil, !s.route.accepts(r.Reading.Unit):
			d.drop(r, Unwanted)
		case r.Position == s.newest.Position:
			if !d.holds(s.route.Topic) {
				return d.launch(s, r), true
			}
		case d.Backlog == Latest:
			d.supersede(r)
		case d.refuses(d.olderTopic(s)):
			d.drop(r, Refused) // a newer one has taken its place
		case !d.holds(d.olderTopic(s)):
			return d.launchOlder(s, r), true
		}
	}
}

// nextReplayed returns the newest reading of a topic to which an older one was
// sent last, at the end of the backlog.
func (d *dispatch) nextReplayed() (Delivery, bool) {
	for len(d.replayed) > 0 {
		s := shift(&d.replayed)
		s.replayed = false
		if s.older && s.newest.Position != 0 && !d.holds(s.route.Topic) && !d.tooOld(s.newest) {
			return d.launch(s, s.newest), true
		}
	}
	return Delivery{}, false
}

// olderTopic returns where the readings of a series go that are not its newest.
func (d *dispatch) olderTopic(s *series) string {
	if d.Backlog == History {
		return HistoryTopic(s.route.Topic)
	}
	return s.route.Topic
}

// launchOlder notes that a reading is in flight that is not the newest of its
// series.
func (d *dispatch) launchOlder(s *series, r spool.Record) Delivery {
	older := s.older
	delivery := d.launch(s, r)
	delivery.Retain = false
	if delivery.History = d.Backlog == History; delivery.History {
		s.older = older
	} else if !s.replayed {
		s.replayed = true
		d.replayed = append(d.replayed, s)
	}
	return delivery
}

// heldBack counts the newest readings of topics that are held back. They take no
// room from the others, as they may wait for an hour.
func (d *dispatch) heldBack() (n int) {
	if len(d.held) == 0 {
		return 0
	}
	for _, s := range d.ordered {
		if p := s.newest.Position; d.holds(s.route.Topic) && d.log.Waits(p) && !d.inFlight(p) {
			n++
		}
	}
	return n
}
