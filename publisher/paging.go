package publisher

import (
	"cmp"
	"math"
	"slices"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// maxLoaded bounds what is read from the spool at a time.
const maxLoaded = 512

// A gap is what waits in the spool and not in memory. All of it lies between
// two positions, among what is in memory all the same: the newest of a quiet
// stream, and what was in flight.
type gap struct {
	n            int // readings
	after, below uint64

	loading bool     // a read of the spool is under way, and meanwhile
	low     uint64   // the lowest position that was left
	over    []uint64 // of these the fate was decided
}

// before tells whether something in the gap comes before e.
func (g *gap) before(e *entry) bool { return g.n > 0 && e.position > g.after }

// contains tells whether a reading that is not in memory can be in the gap.
func (g *gap) contains(position uint64) bool {
	return g.n > 0 && position > g.after && position < g.below
}

// store keeps a reading in the spool, if there is one, and returns its place.
func (q *Queue) store(r sensors.Reading) (position uint64) {
	if q.Spool == nil {
		q.accepted++
		return q.accepted
	}
	position, lost := q.Spool.Append(r)
	q.forget(lost, Overflow)
	return position
}

// release tells the spool that nothing more is to be done about e.
func (q *Queue) release(e *entry) {
	if q.Spool != nil && e.over() {
		q.Spool.Settle(e.position)
		q.gap.settle(e.position)
	}
}

// leave leaves the oldest readings to the spool, spare more than need be, so
// that it is not done for each.
func (q *Queue) leave(spare int) {
	excess := int(q.account.Queued) - q.gap.n - q.flying - q.Capacity + spare
	q.waiting = slices.DeleteFunc(q.waiting, func(e *entry) bool {
		if excess <= 0 || !e.idle() || !q.Spool.Holds(e.position) {
			return false
		}
		excess--
		q.gap.add(e.position)
		e.skip = true
		return true
	})
}

func (g *gap) add(position uint64) {
	if g.n == 0 && !g.loading {
		g.after, g.below = position-1, position+1
	}
	g.n++
	g.after, g.below = min(g.after, position-1), max(g.below, position+1)
	g.low = min(g.low, position)
}

// settle notes that a reading must not be taken from the spool any more.
func (g *gap) settle(position uint64) {
	if g.loading {
		g.over = append(g.over, position)
	}
}

// passOver supersedes readings that were taken over at the start and had been
// settled by the process that read them.
func (q *Queue) passOver(positions []uint64) {
	for _, p := range positions {
		switch e := q.find(p); {
		case e == nil && q.gap.contains(p):
			q.account.Superseded++
			q.leaveGap(1)
			q.gap.settle(p)
		case e != nil && !e.settled && e.flights == 0:
			q.account.Superseded++
			q.settle(e)
			q.release(e)
			e.skip = e != e.stream.newest // which a subscriber is to end on
		}
	}
}

// Lose counts what the spool has lost since the last time.
func (q *Queue) Lose() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.collect()
}

// collect counts what the spool has lost, before the queue forgets what it had
// of it in memory.
func (q *Queue) collect() {
	if q.Spool != nil {
		dropped, damaged, away, settled := q.Spool.TakeLost()
		q.forget(dropped, Overflow)
		q.forget(damaged, Damaged)
		q.passOver(settled)
		q.keepAgain(damaged)
		q.keepAgain(away)
	}
}

// keepAgain has the spool keep what it cannot read any more and is still in
// memory.
func (q *Queue) keepAgain(positions []uint64) {
	for _, p := range positions {
		if e := q.find(p); e != nil && !e.settled {
			q.Spool.Again(spool.Record{Position: p, Reading: e.reading})
		}
	}
}

// Unkept returns how many readings are queued and would be lost with the
// process.
func (q *Queue) Unkept() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.Spool == nil {
		return int(q.account.Queued)
	}
	var owed []uint64 // those are kept as well
	for _, e := range q.waiting {
		if e.owed {
			owed = append(owed, e.position)
		}
	}
	return int(q.account.Queued) - q.Spool.Kept(owed...)
}

// Commit has the spool write down what has been settled since.
func (q *Queue) Commit() {
	if q.Spool != nil {
		q.Spool.Commit()
	}
}

// forget counts what the spool has lost, unless it is in memory still, or was
// missed by a Refill.
func (q *Queue) forget(positions []uint64, reason sensors.Reason) {
	for _, p := range positions {
		if !q.gap.contains(p) || q.holds(p) {
			continue
		}
		q.giveUpGap(1, reason)
		q.gap.settle(p)
	}
}

// giveUpGap drops n readings that wait in the spool only.
func (q *Queue) giveUpGap(n int, reason sensors.Reason) {
	q.account.Dropped[reason] += uint64(n)
	q.leaveGap(n)
}

// leaveGap takes n readings that wait in the spool only, and whose fate the
// caller has counted, out of the queue.
func (q *Queue) leaveGap(n int) {
	q.gap.n -= n
	q.account.Queued -= uint64(n)
	q.free()
}

// find returns the entry at a position, or nil if it is not in memory.
func (q *Queue) find(position uint64) *entry {
	i, found := slices.BinarySearchFunc(q.waiting, position, func(e *entry, p uint64) int {
		return cmp.Compare(e.position, p)
	})
	if !found {
		return nil
	}
	return q.waiting[i]
}

// holds tells whether the entry at a position is in memory.
func (q *Queue) holds(position uint64) bool { return q.find(position) != nil }

// Refill reads some of what waits in the spool only, if anything does, once
// all that comes before it was handed out, and tells whether that has changed
// anything. It belongs to the goroutine that calls Next.
func (q *Queue) Refill() bool {
	after, below, limit := q.beginLoad()
	if limit == 0 {
		return false
	}
	records, more := q.Spool.Load(after, below, limit)
	q.endLoad(records, !more)
	return len(records) > 0 || !more
}

func (q *Queue) beginLoad() (after, below uint64, limit int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	g := &q.gap
	if g.n == 0 || !q.connected || len(q.backlog) > 0 && !g.before(q.backlog[0]) {
		return 0, 0, 0
	}
	g.loading, g.low, g.over = true, math.MaxUint64, nil
	return g.after, g.below, min(maxLoaded, q.Capacity/2+1)
}

// endLoad puts what was read into its place. If it was all there is, what is
// missing was damaged.
func (q *Queue) endLoad(records []spool.Record, all bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	g := &q.gap
	q.collect()
	g.loading = false
	switch {
	case all:
		g.after = g.below - 1
	case len(records) > 0:
		g.after = records[len(records)-1].Position
	}
	g.after = min(g.after, g.low-1)
	records = slices.DeleteFunc(records, func(r spool.Record) bool {
		return r.Position > g.after || q.holds(r.Position) || slices.Contains(g.over, r.Position)
	})
	for _, r := range records {
		q.take(r)
	}
	if all && g.low == math.MaxUint64 && g.n > 0 {
		q.giveUpGap(g.n, Damaged)
	}
	slices.SortFunc(q.waiting, byPosition)
	slices.SortFunc(q.backlog, byPosition)
	for _, s := range q.ordered {
		q.endOnNewest(s)
	}
	q.expire()
	q.tidy()
}

// take puts a reading of the spool in memory again.
func (q *Queue) take(r spool.Record) {
	s := q.stream(key{r.Reading.Sensor, r.Reading.Quantity})
	if s == nil || !s.route.takes(r.Reading.Unit) {
		q.giveUpGap(1, Unwanted)
		q.Spool.Settle(r.Position)
		return
	}
	q.gap.n--
	e := &entry{reading: r.Reading, stream: s, position: r.Position}
	q.waiting = append(q.waiting, e)
	previous := s.newest
	if !s.older(r) {
		q.hold(e)
		return
	}
	s.newest, e.earlier = e, true // the spool has found it late
	if s.announced {
		s.announced = false
		q.announce = append(q.announce, s)
	}
	q.line(e, previous)
}

// stream finds a stream, also one that is retired.
func (q *Queue) stream(k key) *stream {
	if s := q.streams[k]; s != nil {
		return s
	}
	for _, s := range q.ordered {
		if s.key() == k {
			return s
		}
	}
	return nil
}
