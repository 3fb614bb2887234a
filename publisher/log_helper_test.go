package publisher

import (
	"math"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A pagedLog is a [Log] of which only a few readings are in memory at a time,
// as with a spool in a long outage.
type pagedLog struct {
	Log
	from, to  uint64 // what is in memory, besides the newest
	top       uint64
	meanwhile func() // what happens during a Load; nil: nothing
}

func newPagedLog() *pagedLog { return &pagedLog{Log: NewMemoryLog()} }

func (l *pagedLog) Append(r sensors.Reading) spool.Record {
	record := l.Log.Append(r)
	l.top = record.Position
	return record
}

func (l *pagedLog) Next(after uint64) (r spool.Record, ok, more bool) {
	r, ok, _ = l.Log.Next(after)
	if ok && r.Position+3 <= l.top && (r.Position < l.from || r.Position > l.to) {
		return spool.Record{}, false, true
	}
	return r, ok, false
}

func (l *pagedLog) Load(after uint64) bool {
	if l.meanwhile != nil {
		l.meanwhile()
	}
	r, ok, _ := l.Log.Next(after)
	l.from, l.to = r.Position, r.Position+4
	return ok
}

// during has something happen while the queue reads the log.
func during(q *Queue, meanwhile func()) {
	if l, paged := q.log.(*pagedLog); paged {
		l.meanwhile = meanwhile
	}
}

// take returns the next delivery, with what has to be loaded for it.
func take(q *Queue) (d Delivery, ok bool) {
	for d, ok = q.Next(true); !ok && q.Load(); d, ok = q.Next(true) {
	}
	return d, ok
}

// deliver sends and acknowledges up to so many messages.
func deliver(q *Queue, most int, see func(Delivery)) {
	for range most {
		d, ok := take(q)
		if !ok {
			return
		}
		see(d)
		q.Ack(d)
	}
}

// deliverAll sends and acknowledges everything and returns the sequence
// numbers.
func deliverAll(q *Queue) map[uint64]bool {
	seen := make(map[uint64]bool)
	deliver(q, math.MaxInt, func(d Delivery) { seen[d.Reading.Seq] = true })
	return seen
}

// takeAll sends everything and acknowledges nothing.
func takeAll(q *Queue) (ds []Delivery) {
	for {
		d, ok := take(q)
		if !ok {
			return ds
		}
		ds = append(ds, d)
	}
}
