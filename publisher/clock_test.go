package publisher

import (
	"strings"
	"testing"
	"time"
	"unsafe"

	"sensorpub/sensors"
)

// A fakeClock is set by tests. The time since the boot always goes on.
type fakeClock struct {
	wall time.Time
	up   time.Duration
}

func (c *fakeClock) now() (time.Time, time.Duration) { return c.wall, c.up }

func (c *fakeClock) pass(d time.Duration) { c.wall, c.up = c.wall.Add(d), c.up+d }

// reading is what a bus would put.
func (c *fakeClock) reading(sensor string) sensors.Reading {
	return sensors.Reading{Sensor: sensor, Quantity: "temperature", Unit: "°C", Value: 20, Time: c.wall, Up: c.up}
}

func TestTimesFollowTheClock(t *testing.T) {
	born := time.Date(1970, 1, 1, 0, 0, 30, 0, time.UTC)
	right := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		wall     time.Time
		set      func(c *fakeClock) // ten seconds after the reading
		elapsed  time.Duration      // after which it is sent
		rebooted bool
		want     string // the time in the payload
	}{
		{"right and left alone", right, nil, time.Hour, false, `"2026-03-01T12:00:00.000Z"`},
		{"drawn by half a second", right, func(c *fakeClock) { c.wall = c.wall.Add(500 * time.Millisecond) }, 0, false, `"2026-03-01T12:00:00.000Z"`},
		{"never set since the boot", born, nil, time.Hour, false, `null`},
		{"set after 50 years", born, func(c *fakeClock) { c.wall = right }, time.Hour, false, `"2026-03-01T11:59:50.000Z"`},
		{"an hour behind, then set", right.Add(-time.Hour), func(c *fakeClock) { c.wall = c.wall.Add(time.Hour) }, 0, false, `"2026-03-01T12:00:00.000Z"`},
		{"set back an hour", right, func(c *fakeClock) { c.wall = c.wall.Add(-time.Hour) }, 0, false, `"2026-03-01T11:00:00.000Z"`},
		{"not set, and of another boot", born, func(c *fakeClock) { c.wall = right }, 0, true, `null`},
		{"right, and of another boot", right, func(c *fakeClock) { c.wall = c.wall.Add(time.Hour) }, 0, true, `"2026-03-01T12:00:00.000Z"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := &fakeClock{wall: c.wall, up: 30 * time.Second}
			q := newTestQueue(8, DropOldest, Replay)
			q.Clock = clock.now
			r := clock.reading("a")
			if c.rebooted {
				r.Up = 0
			}
			if err := q.Put(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			clock.pass(10 * time.Second)
			if c.set != nil {
				c.set(clock)
			}
			clock.pass(c.elapsed)
			q.Connected()
			ds, _ := next(q, 1)
			ds[0].Route = &Route{Unit: "°C", Encoder: JSON{"node", 2}, History: JSON{"node", 2}}
			for _, ds[0].History = range []bool{false, true} {
				m, err := ds[0].message(q.corrected)
				if want := `"time":` + c.want + `,`; err != nil || !strings.Contains(string(m.Payload), want) {
					t.Errorf("got %s, %v, want %s in it", m.Payload, err, want)
				}
				if d, err := Decode(m.Payload, ""); err != nil || d.Value != 20 || d.Time.IsZero() != (c.want == "null") {
					t.Errorf("decoded it is %+v, %v", d, err)
				}
			}
		})
	}
}

func TestJumpsOfTheClockChangeNoOrderAndNoAge(t *testing.T) {
	clock := &fakeClock{wall: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), up: time.Second}
	q := newTestQueue(100, DropOldest, Replay)
	q.Clock, q.MaxAge = clock.now, time.Hour
	for _, jump := range []time.Duration{0, 50 * 365 * 24 * time.Hour, -time.Hour, time.Hour, -2 * time.Hour} {
		clock.wall = clock.wall.Add(jump)
		for range 3 {
			if err := q.Put(t.Context(), clock.reading("a")); err != nil {
				t.Fatal(err)
			}
			clock.pass(10 * time.Second)
		}
	}
	q.Connected()
	ds, got := next(q, 100)
	if want := "a15r a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15r"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i, d := range ds[2:] {
		if step := q.corrected(d.Reading).Time.Sub(q.corrected(ds[i+1].Reading).Time); step != 10*time.Second {
			t.Errorf("reading %d: got %v after the one before it, want 10s", i+2, step)
		}
	}
	ack(q, ds)
	balanced(t, q)
	if a := q.Account(); a.Acknowledged != 15 {
		t.Errorf("got %v, want 15 acknowledged", a)
	}
}

// stepped returns what time.Now would have returned at t if the clock had been
// set by d meanwhile: another wall time with the same monotonic one. Only the
// runtime can make such a time, so it is written where time.Time has it:
// seconds in the upper bits of the first word, nanoseconds in the lower 30.
func stepped(t *testing.T, at time.Time, d time.Duration) time.Time {
	t.Helper()
	set := at
	*(*uint64)(unsafe.Pointer(&set)) += uint64(d/time.Second) << 30
	if got := set.Round(0).Sub(at.Round(0)); got != d || set.Sub(at) != 0 {
		t.Fatalf("got a time that is %v later and %v by the monotonic clock, want %v and 0s", got, set.Sub(at), d)
	}
	return set
}

// The times of a real clock are compared by their monotonic parts, which know
// nothing of its being set.
func TestTimesOfARealClockFollowIt(t *testing.T) {
	wall, up := time.Now(), time.Hour
	q := newTestQueue(8, DropOldest, Replay)
	q.Clock = func() (time.Time, time.Duration) { return wall, up }
	if err := q.Put(t.Context(), sensors.Reading{Sensor: "a", Quantity: "temperature", Time: wall, Up: up}); err != nil {
		t.Fatal(err)
	}
	want := wall.Round(0).Add(time.Hour)
	wall, up = stepped(t, wall.Add(10*time.Second), time.Hour), up+10*time.Second
	q.Connected()
	d, _ := q.Next(true)
	if got := q.corrected(d.Reading).Time; !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
