package publisher

import (
	"slices"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A Route says where the readings of one quantity of one sensor go, and how.
type Route struct {
	Sensor   string
	Quantity string
	Topic    string
	Encoder  Encoder
	History  Encoder // for readings that go to history/Topic, always JSON
	Unit     string  // readings are converted to it; "": they stay as they are
	QoS      byte    // 0, 1 or 2
	Retain   bool
	Optional bool // it exists only once it has had a reading

	Status     string // topic of the sensor's own "online" and "offline", one for all its quantities; "": none
	IfPresent  bool   // nor is the status published before that reading; earlier processes' must be known
	ClearStale bool   // the retained reading is deleted when it is no longer live
}

// accepts reports whether readings in a unit can be published by the route.
func (r *Route) accepts(unit string) bool {
	return r.Unit == "" || r.Unit == unit || slices.Contains(sensors.Units(unit), r.Unit)
}

// Convert returns a reading in the unit of its route. A reading in a unit that
// cannot be converted, such as one of a driver that changed while it waited, stays as
// it is.
func (r *Route) Convert(reading sensors.Reading) sensors.Reading {
	if r.Unit != reading.Unit && slices.Contains(sensors.Units(reading.Unit), r.Unit) {
		reading.Value, reading.Unit = sensors.Convert(reading.Value, reading.Unit, r.Unit), r.Unit
	}
	return reading
}

// A series is the readings of one route, in order.
type series struct {
	route    *Route       // replaced, never changed
	retired  bool         // no longer configured; goes when none of its readings waits
	newest   spool.Record // Position 0: none, or none that may be sent
	restored bool         // an earlier process has delivered newest
	seen     bool         // it has had a reading, of this process or an earlier one
	older    bool         // a subscriber to the topic may have received an older reading last
	replayed bool         // it is among those of the lineup

	status  *status // of its sensor; nil: none is published
	live    bool    // newest may be taken for the present
	cleared bool    // its retained reading is to be deleted, until there is a new one

	failures encodingFailures // belongs to the publisher
}

func (s *series) key() spool.Key { return seriesKey(s.route.Sensor, s.route.Quantity) }

func seriesKey(sensor, quantity string) spool.Key {
	return spool.Key{Sensor: sensor, Quantity: quantity}
}

// exists reports whether there are or will be readings of the series.
func (s *series) exists() bool { return s.seen || !s.route.Optional }

// retire notes that a series is no longer configured. If another one uses its
// topic now, what is retained there is the other's.
func (s *series) retire(topicTaken bool) {
	s.retired, s.live = true, false
	if topicTaken {
		r := *s.route
		r.Retain, r.ClearStale = false, false
		s.route, s.cleared = &r, false
	}
}

// isLive reports whether the newest reading counts as current. Without a status, a
// subscriber would not learn when it no longer does.
func (s *series) isLive() bool { return s.live && s.status != nil }

// retains reports whether a reading of the series is to be retained.
func (s *series) retains() bool { return s.route.Retain && !s.cleared }

// forget makes sure that a reading is not sent again as the newest.
func (s *series) forget(position uint64) {
	if s.newest.Position == position {
		s.newest = spool.Record{}
	}
}

// A Newest is the newest reading of a route.
type Newest struct {
	Reading  sensors.Reading // in the unit of the route
	Raw      sensors.Reading // in the unit of the driver
	Route    Route
	Waits    bool // not acknowledged yet
	Retained bool // the broker keeps it, unless it waits
}
