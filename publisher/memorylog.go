package publisher

import (
	"cmp"
	"slices"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A memoryLog is a [Log] that ends with the process. It grows as needed: the
// queue bounds it.
type memoryLog struct {
	records []slot // by position
	head    int    // all before it are settled
	waiting int
	top     uint64 // the last position
	seq     map[spool.Key]uint64
}

type slot struct {
	spool.Record
	skip int // settled, and so are all before the slot that is so many further on; 0: it waits
}

// NewMemoryLog returns an empty log in memory.
func NewMemoryLog() Log { return &memoryLog{seq: make(map[spool.Key]uint64)} }

func (l *memoryLog) Skip(r sensors.Reading) sensors.Reading {
	key := seriesKey(r.Sensor, r.Quantity)
	l.seq[key]++
	r.Seq = l.seq[key]
	return r
}

func (l *memoryLog) Append(r sensors.Reading) spool.Record {
	l.top++
	record := spool.Record{Position: l.top, Reading: l.Skip(r)}
	l.records = append(l.records, slot{Record: record})
	l.waiting++
	return record
}

// index returns where the first record at or after a position is.
func (l *memoryLog) index(position uint64) int {
	rest := l.records[l.head:]
	if n := len(rest); n == 0 || rest[n-1].Position < position {
		return len(l.records)
	}
	// There it is, unless some of those before it have been forgotten.
	if i := position - rest[0].Position; i < uint64(len(rest)) && rest[i].Position == position {
		return l.head + int(i)
	}
	i, _ := slices.BinarySearchFunc(rest, position, func(s slot, p uint64) int {
		return cmp.Compare(s.Position, p)
	})
	return l.head + i
}

func (l *memoryLog) Next(after uint64) (r spool.Record, ok, more bool) {
	first := l.index(after + 1)
	i := first
	for i < len(l.records) && l.records[i].skip > 0 {
		i += l.records[i].skip
	}
	if i == len(l.records) {
		return spool.Record{}, false, false
	}
	if i > first {
		l.records[first].skip = i - first // for the next time
	}
	return l.records[i].Record, true, false
}

func (l *memoryLog) Waits(position uint64) bool {
	return l.waits(l.index(position), position)
}

// waits reports whether the record at i has that position, and waits.
func (l *memoryLog) waits(i int, position uint64) bool {
	return i < len(l.records) && l.records[i].Position == position && l.records[i].skip == 0
}

func (l *memoryLog) Settle(position uint64) bool {
	i := l.index(position)
	if !l.waits(i, position) {
		return false
	}
	l.records[i].skip = 1
	l.waiting--
	l.compact()
	return true
}

// compact forgets settled records once they are the larger part.
func (l *memoryLog) compact() {
	for l.head < len(l.records) && l.records[l.head].skip > 0 {
		l.head++
	}
	if len(l.records) > 2*l.waiting+16 {
		l.records = slices.DeleteFunc(l.records, func(s slot) bool { return s.skip > 0 })
		l.head = 0
	}
}

func (l *memoryLog) Waiting() int                    { return l.waiting }
func (l *memoryLog) Load(uint64) bool                { return false }
func (l *memoryLog) Losses() (overflow, damaged int) { return 0, 0 }
func (l *memoryLog) Commit()                         {}
