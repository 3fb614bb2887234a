package spool

import (
	"log/slog"
	"sync"

	"sensorpub/sensors"
)

// An index knows which readings wait, and holds the newest of them in memory.
// Its lock is never held while a file is read or written.
type index struct {
	*notes
	mu      sync.Mutex // guards what follows, and the lists of segments
	boot    bootID
	next    uint64    // the position of the next reading
	snap    *snapshot // sequence numbers and newest readings; what is settled follows from waiting
	waiting intervals
	count   int            // of waiting
	unknown intervals      // of earlier processes: perhaps in a file that cannot be read, so neither waiting nor settled
	unsaid  intervals      // settled, and not recorded yet
	skipped map[Key]uint64 // numbers given to no reading that is kept, and not recorded yet

	cache    int       // readings kept in the tail
	room     int       // how many readings may be in memory alone
	loose    intervals // waiting, and in memory alone: in the tail and in no file
	tail     tail
	page     []Record // what Load has read last, by position
	arrivals arrivals
	stores   []*store

	pending losses // that Losses has not returned yet
	all     losses // since the start
}

// losses counts waiting readings that were lost.
type losses struct{ overflow, damaged int }

// number gives a stream its next number; x.mu must be held.
func (x *index) number(key Key) *stream {
	st := x.snap.streams[key]
	if st == nil {
		st = x.snap.stream(key)
		st.seq = x.snap.floor
	}
	st.seq++
	return st
}

// add numbers a reading and adds it; x.mu must be held.
func (x *index) add(r sensors.Reading) Record {
	st := x.number(Key{r.Sensor, r.Quantity})
	r.Seq = st.seq
	rec := Record{x.next, r}
	x.next++
	st.newest = rec
	x.waiting.add(rec.Position, rec.Position)
	x.count++
	x.arrivals.note(rec.Position)
	x.tail.trim(x.cache-1, x.loose)
	x.tail.push(rec)
	return rec
}

// settle removes a reading from the waiting ones, and reports whether it was among
// them; x.mu must be held.
func (x *index) settle(position uint64) bool {
	if !x.waiting.remove(position) {
		return false
	}
	x.count--
	x.loose.remove(position)
	x.unsaid.add(position, position)
	return true
}

// lose removes dropped (overflow) or damaged readings from the waiting ones, and
// returns how many there were; x.mu must be held.
func (x *index) lose(lost intervals, damaged bool) int {
	lost = lost.within(x.waiting)
	n := lost.count()
	if n == 0 {
		return 0
	}
	x.waiting, x.loose = x.waiting.without(lost), x.loose.without(lost)
	x.count -= n
	x.unsaid.addAll(lost)
	for _, l := range []*losses{&x.pending, &x.all} {
		if damaged {
			l.damaged += n
		} else {
			l.overflow += n
		}
	}
	return n
}

// hold records that a reading is in no file. If too many are in memory alone, the
// oldest is dropped. x.mu must be held.
func (x *index) hold(position uint64) {
	if !x.waiting.has(position) {
		return
	}
	x.loose.add(position, position)
	if x.loose.count() > x.room {
		x.lose(x.loose.first(1), false)
	}
	if x.tail.n > max(x.cache, x.room) {
		x.tail.compact(x.loose)
	}
}

// find returns the first waiting reading after a position. If it is not in
// memory, more is true. x.mu must be held.
func (x *index) find(after uint64) (r Record, ok, more bool) {
	p, ok := x.waiting.next(after)
	if !ok {
		return Record{}, false, false
	}
	if r, ok = x.tail.get(p); ok {
		return r, true, false
	}
	if r, ok = search(x.page, p); ok {
		return r, true, false
	}
	return Record{}, false, true
}

// held returns the readings in all files, even those that cannot be read for
// now; x.mu must be held.
func (x *index) held() (all intervals) {
	for _, st := range x.stores {
		for _, seg := range st.segments {
			all.addAll(seg.have)
		}
	}
	return all
}

// orphan handles those of the positions that wait and are in no file: readings in
// memory stay there, and the rest are lost. x.mu must be held.
func (x *index) orphan(positions intervals) {
	rest := positions.within(x.waiting).without(x.held())
	if len(rest) == 0 {
		return
	}
	for _, r := range x.tail.pick(rest) {
		x.loose.add(r.Position, r.Position)
	}
	if n := x.lose(rest.without(x.loose), true); n > 0 {
		x.say(func(log *slog.Logger) { log.Warn(damagedMessage, "readings", n) })
	}
}

const damagedMessage = "spool is damaged: these readings are lost"

// settled returns the positions that a snapshot records as settled: all that do not
// wait. x.mu must be held.
func (x *index) settled() intervals {
	return intervals{{0, x.next - 1}}.without(x.waiting).without(x.unknown)
}
