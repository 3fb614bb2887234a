package publisher

import (
	"math"
	"slices"

	"sensorpub/publisher/spool"
)

// Restore takes over what an earlier process has left in the spool. It comes
// before everything else.
func (q *Queue) Restore(left spool.Recovered) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.gap.below = math.MaxUint64
	q.gap.n = left.Waiting
	q.numbers, q.floor = make(map[key]uint64), left.Floor
	for k, seq := range left.Seq {
		q.numbers[key{k.Sensor, k.Quantity}] = seq
	}
	for k, s := range q.streams {
		s.seq = max(q.numbers[k], q.floor)
	}
	for k, n := range left.Newest {
		s := q.streams[key{k.Sensor, k.Quantity}]
		if s == nil || !s.route.takes(n.Reading.Unit) {
			continue
		}
		s.newest = &entry{reading: n.Reading, stream: s, position: n.Position, settled: n.Settled, earlier: true, inherited: n.Settled}
		if !n.Settled {
			q.waiting = append(q.waiting, s.newest)
			q.gap.n--
		}
	}
	slices.SortFunc(q.waiting, byPosition)
	q.account.Recovered = uint64(left.Waiting)
	q.account.Read = uint64(left.Waiting + left.Damaged)
	q.account.Queued = uint64(left.Waiting)
	if left.Damaged > 0 {
		q.account.Dropped[Damaged] = uint64(left.Damaged)
	}
	q.missAtStart()
}

// missAtStart counts what the spool had to drop when it was opened. It is not
// among what is left, and so not in the gap.
func (q *Queue) missAtStart() {
	if q.Spool == nil {
		return
	}
	dropped, _, _, _ := q.Spool.TakeLost() // what was damaged is in Recovered.Damaged
	if n := uint64(len(dropped)); n > 0 {
		q.account.Read += n
		q.account.Recovered += n
		q.account.Dropped[Overflow] += n
	}
}

// Claim takes over what an earlier process has left where the spool could not
// read it at the start, and can now, and counts what is damaged of it.
func (q *Queue) Claim() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.collect()
	positions, damaged, newest := q.Spool.Claim()
	n := uint64(len(positions))
	q.account.Read += n + uint64(damaged)
	q.account.Recovered += n
	q.account.Queued += n
	if damaged > 0 {
		q.account.Dropped[Damaged] += uint64(damaged)
	}
	for _, p := range positions {
		q.gap.add(p)
	}
	for k, n := range newest {
		q.catchUp(key{k.Sensor, k.Quantity}, n)
	}
	q.signal()
}

// catchUp takes over the newest reading of a stream that the spool has found
// late, so that no older one is taken for it.
func (q *Queue) catchUp(k key, n spool.Newest) {
	s := q.streams[k]
	if s == nil || !s.route.takes(n.Reading.Unit) || !s.older(n.Record) || q.holds(n.Position) {
		return
	}
	if !n.Settled {
		q.take(n.Record)
		slices.SortFunc(q.waiting, byPosition)
		return
	}
	previous := s.newest
	if previous != nil && previous.position == n.Position {
		return
	}
	s.newest = &entry{reading: n.Reading, stream: s, position: n.Position, settled: true, earlier: true}
	s.newest.inherited = previous == nil || previous.inherited // else an older one may be what the topic shows
	if !q.connected {
		return
	}
	if !s.announced && previous != nil && !previous.settled {
		q.hold(previous)
	}
	q.announce = slices.DeleteFunc(q.announce, func(o *stream) bool { return o == s })
	if s.announced = !q.toAnnounce(s); !s.announced {
		q.announce = append(q.announce, s)
	}
}

// older tells whether the newest reading of s is of an earlier process, and not
// newer than r.
func (s *stream) older(r spool.Record) bool {
	return s.newest == nil || s.newest.earlier && s.newest.reading.Seq <= r.Reading.Seq
}
