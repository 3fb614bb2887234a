package publisher

import (
	"math"
	"testing"

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

func TestMemoryLog(t *testing.T) {
	l := NewMemoryLog()
	reading := func(sensor string) sensors.Reading { return sensors.Reading{Sensor: sensor, Quantity: "temperature"} }
	var all []spool.Record
	for i, want := range []struct {
		sensor string
		seq    uint64
	}{{"a", 1}, {"b", 1}, {"a", 2}, {"a", 3}, {"b", 2}} {
		r := l.Append(reading(want.sensor))
		if r.Reading.Seq != want.seq || i > 0 && r.Position <= all[i-1].Position {
			t.Fatalf("got %s%d at %d, want %s%d above the others", want.sensor, r.Reading.Seq, r.Position, want.sensor, want.seq)
		}
		all = append(all, r)
	}
	waits := func(want ...int) {
		t.Helper()
		after := uint64(0)
		for _, i := range want {
			r, ok, more := l.Next(after)
			if !ok || more || r != all[i] {
				t.Fatalf("got %v, %t, %t after %d, want %v", r, ok, more, after, all[i])
			}
			after = r.Position
		}
		if r, ok, more := l.Next(after); ok || more {
			t.Fatalf("got %v, %t, %t after %d, want nothing", r, ok, more, after)
		}
		if n := l.Waiting(); n != len(want) {
			t.Fatalf("got %d waiting, want %d", n, len(want))
		}
	}
	waits(0, 1, 2, 3, 4)
	settle := func(i int, want bool) {
		t.Helper()
		if got := l.Settle(all[i].Position); got != want || l.Waits(all[i].Position) {
			t.Fatalf("settling %d returned %t and it waits: %t, want %t and false", i, got, l.Waits(all[i].Position), want)
		}
	}
	settle(1, true)
	settle(1, false)
	waits(0, 2, 3, 4)
	settle(0, true)
	waits(2, 3, 4)
	settle(4, true)
	settle(4, false)
	settle(0, false)
	waits(2, 3)
	if l.Settle(0) || l.Waits(0) || l.Settle(99) || l.Waits(99) {
		t.Error("a position that was never given out waits or was settled")
	}
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
