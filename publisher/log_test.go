package publisher

import (
	"testing"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

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

// The newest reading of a probe that is gone may stay at the head of a full log
// for as long as an outage lasts, with ever more settled ones behind it.
func TestNextInMemoryDoesNotPassSettledReadingsAgain(t *testing.T) {
	const n = 100_000
	l := NewMemoryLog()
	for range 2 * n {
		l.Append(sensors.Reading{})
	}
	for p := uint64(2); p < n; p++ {
		l.Settle(p)
	}
	next := func() time.Duration {
		start := time.Now()
		if r, ok, _ := l.Next(1); !ok || r.Position != n {
			t.Fatalf("got %d, want %d", r.Position, n)
		}
		return time.Since(start)
	}
	first, others := next(), time.Duration(0)
	for range 1000 {
		others += next()
	}
	if others > 10*first {
		t.Errorf("1000 calls took %v after one had taken %v", others, first)
	}
}
