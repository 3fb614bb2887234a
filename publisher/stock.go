package publisher

import (
	"slices"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// Limits are the settings of a [Queue], which can be changed at any time.
type Limits struct {
	Capacity int           // readings that may wait, besides those in flight and the newest of each topic
	Overflow string        // DropOldest (which a spool does by its own bounds), DropNewest or Block
	Backlog  string        // Replay, Latest or History
	MaxAge   time.Duration // older readings are not sent, except the newest of a live sensor; 0: no limit
}

// A stock is the readings that wait, by series, and the account of the others.
// The lock of its queue guards it.
type stock struct {
	Limits
	Clock sensors.Clock // the clock that stamps the readings

	log     Log
	account Account // Queued is the log's to know
	series  map[spool.Key]*series
	ordered []*series // as configured, then the retired ones
	traces  traces    // nil: not traced
	flights []uint64  // positions sent on this connection and not acknowledged yet

	waiters int           // how many wait for room
	freed   chan struct{} // closed and renewed when there is room again
}

func newStock(routes int, limits Limits) stock {
	return stock{
		Limits: limits, Clock: sensors.WallClock, log: NewMemoryLog(), series: make(map[spool.Key]*series, routes),
		account: Account{Rejected: make(map[sensors.Reason]uint64), Dropped: make(map[sensors.Reason]uint64)},
		freed:   make(chan struct{}),
	}
}

func (s *stock) add(of *series) {
	s.series[of.key()] = of
	s.ordered = append(s.ordered, of)
}

// find returns the series of a reading, also a retired one, or nil.
func (s *stock) find(r spool.Record) *series {
	return s.series[seriesKey(r.Reading.Sensor, r.Reading.Quantity)]
}

// inFlight reports whether a reading was sent on this connection and not
// acknowledged yet.
func (s *stock) inFlight(position uint64) bool { return slices.Contains(s.flights, position) }

// drop settles a waiting reading that will not be sent.
func (s *stock) drop(r spool.Record, reason sensors.Reason) {
	if s.log.Settle(r.Position) {
		s.account.Dropped[reason]++
		s.traces.settled(r, FateDropped, reason)
		s.free()
	}
}

// supersede settles a reading that a newer one replaces.
func (s *stock) supersede(r spool.Record) {
	if s.log.Settle(r.Position) {
		s.account.Superseded++
		s.traces.settled(r, FateSuperseded, "")
		s.free()
	}
}

// countLosses counts what the log has lost since the last time.
func (s *stock) countLosses() {
	overflow, damaged := s.log.Losses()
	if overflow > 0 {
		s.account.Dropped[Overflow] += uint64(overflow)
	}
	if damaged > 0 {
		s.account.Dropped[Damaged] += uint64(damaged)
	}
	if overflow+damaged > 0 {
		s.free()
	}
}

// forgetRetired forgets the retired series that have no waiting readings.
func (s *stock) forgetRetired() {
	if !slices.ContainsFunc(s.ordered, func(of *series) bool { return of.retired }) {
		return
	}
	first, ok, more := s.log.Next(0)
	if more {
		return // what has to be loaded may be theirs
	}
	s.ordered = slices.DeleteFunc(s.ordered, func(of *series) bool {
		gone := of.retired && (!ok || of.newest.Position < first.Position)
		if gone {
			delete(s.series, of.key())
			delete(s.traces, of.key())
			of.newest = spool.Record{} // it may still be in line to be sent once more
		}
		return gone
	})
}
