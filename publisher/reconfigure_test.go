package publisher

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// reroute replaces the routes and nothing else.
func reroute(t *testing.T, q *Queue, routes []Route) {
	t.Helper()
	q.Reconfigure(routes, Limits{q.Capacity, q.Overflow, q.Backlog, q.MaxAge})
	balanced(t, q)
}

func TestRemovedSensorIsStillDelivered(t *testing.T) {
	for backlog, want := range map[string]string{
		Replay:  "b2r a3r a1 b1 a2 a3r b2r",
		Latest:  "b2r a3r",
		History: "b2r a3r a1h b1h a2h",
	} {
		t.Run(backlog, func(t *testing.T) {
			q := newTestQueue(10, DropOldest, backlog)
			put(t, q, "a", "b", "a", "a", "b")
			reroute(t, q, testRoutes("b", "c"))
			q.Connected()
			expect(t, q, want)
			q.Lost()
			q.Connected()
			expect(t, q, "b2r") // it heals what is configured
			if n := len(q.ordered); n != 2 {
				t.Errorf("got %d streams, want those of b and c", n)
			}
			if err := q.Put(t.Context(), sensors.Reading{Sensor: "a", Quantity: "temperature"}); err != nil {
				t.Error(err)
			}
			if got := q.Account().Dropped[Removed]; got != 1 {
				t.Errorf("got %d dropped as removed, want 1", got)
			}
			balanced(t, q)
			reroute(t, q, testRoutes("a", "b"))
			put(t, q, "a")
			expect(t, q, "a4r") // it goes on counting
		})
	}
}

func TestRemovedWhileConnected(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	q.Connected()
	put(t, q, "a", "a", "b")
	first, _ := next(q, 1)
	reroute(t, q, testRoutes("b"))
	ack(q, first)
	expect(t, q, "a2r b1r")
	reroute(t, q, testRoutes("b", "c"))
	put(t, q, "c", "b")
	expect(t, q, "c1r b2r")
}

// While it was removed there may have been another reading on its topic, or a
// connection on which its newest was not announced.
func TestSensorThatComesBackShowsItsNewest(t *testing.T) {
	q := newTestQueue(10, DropOldest, History)
	put(t, q, "a", "a")
	q.Connected()
	ds, _ := next(q, 1) // an older reading of a waits
	ack(q, ds)
	q.Lost()
	reroute(t, q, testRoutes("b"))
	q.Connected()
	expect(t, q, "a1h")
	reroute(t, q, testRoutes("a", "b"))
	expect(t, q, "a2r")
}

// Another sensor has taken the topic: what the old one left is not retained.
func TestTopicOfARemovedSensorIsTaken(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "a")
	routes := testRoutes("b")
	routes[0].Topic = "temperature/a"
	put(t, q, "b")
	reroute(t, q, routes)
	q.Connected()
	expect(t, q, "b1r a2 a1 a2")
}

func TestChangedRouteTakesEffectAtOnce(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	q.Connected()
	put(t, q, "a", "a")
	flying, _ := next(q, 1)
	routes := testRoutes("a", "b")
	routes[0].Topic, routes[0].Encoder = "elsewhere", Text{0}
	reroute(t, q, routes)
	ds, look := next(q, 10)
	if look != "a2r" || ds[0].Route.Topic != "elsewhere" || flying[0].Route.Topic != "temperature/a" {
		t.Errorf("got %s to %s after one to %s", look, ds[0].Route.Topic, flying[0].Route.Topic)
	}
	reroute(t, q, testRoutes("a", "b")) // and back, while it is on its way
	again, look := next(q, 10)
	if look != "a2r" || again[0].Route.Topic != "temperature/a" {
		t.Errorf("got %s to %v, want it once more", look, again)
	}
	ack(q, slices.Concat(flying, ds, again))
	balanced(t, q)
	if a := q.Account(); a.Acknowledged != 2 || a.Queued != 0 {
		t.Errorf("got %v, want 2 acknowledged", a)
	}
	reroute(t, q, testRoutes("a", "b"))
	expect(t, q, "") // nothing has changed
}

func TestReadingsThatWaitAreConvertedToTheNewUnit(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	r := sensors.Reading{Sensor: "a", Quantity: "temperature", Value: 20, Unit: "°C", Time: time.Now()}
	if err := q.Put(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ unit, want string }{{"°F", "68.0"}, {"", "20.0"}, {"hPa", "20.0"}, {"°C", "20.0"}} {
		routes := testRoutes("a")
		routes[0].Unit = c.unit
		reroute(t, q, routes)
		q.Connected()
		d, _ := q.Next(true)
		if m, err := d.message(q.corrected); err != nil || string(m.Payload) != c.want {
			t.Errorf("to %q: got %s, %v, want %s", c.unit, m.Payload, err, c.want)
		}
		q.Lost()
	}
}

func TestOtherBacklogWhileOneIsSent(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		// a5 and b1 went out first, then a1.
		{"replay to latest", Replay, Latest, "a5r"},
		{"replay to history", Replay, History, "a2h a3h a4h a5r"},
		{"history to replay", History, Replay, "a2 a3 a4 a5r"},
		{"history to latest", History, Latest, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := newTestQueue(10, DropOldest, c.from)
			put(t, q, "a", "a", "a", "a", "b", "a")
			q.Connected()
			ds, _ := next(q, 3)
			ack(q, ds)
			q.Reconfigure(testRoutes("a", "b"), Limits{10, DropOldest, c.to, 0})
			balanced(t, q)
			expect(t, q, c.want)
			put(t, q, "a")
			expect(t, q, "a6r")
			if a := q.Account(); a.Queued != 0 {
				t.Errorf("got %v, want nothing queued", a)
			}
			q.Lost()
			put(t, q, "a", "a")
			q.Connected()
			next(q, 100)
			q.Lost()
			q.Connected()
			ds, _ = next(q, 100)
			ack(q, ds)
			balanced(t, q)
		})
	}
}

func TestNewLimitsApplyAtOnce(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "a", "a", "a", "a", "b")
	q.Reconfigure(testRoutes("a", "b"), Limits{3, DropOldest, Replay, 0})
	if a := q.Account(); a.Queued != 3 || a.Dropped[Overflow] != 2 {
		t.Errorf("got %v, want 3 queued", a)
	}
	later := time.Now().Add(time.Hour)
	q.Clock = func() (time.Time, time.Duration) { return later, 0 }
	q.Reconfigure(testRoutes("a", "b"), Limits{3, DropOldest, Replay, time.Minute})
	q.Connected()
	expect(t, q, "")
	if a := q.Account(); a.Queued != 0 || a.Dropped[Expired] != 3 {
		t.Errorf("got %v, want all expired", a)
	}
	balanced(t, q)
}

// An older reading was sent after the newest, which was therefore due once more.
func TestWhatWasForgottenIsNotSentOnceMore(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	put(t, q, "b", "b")
	q.Connected()
	ds, got := next(q, 2)
	if got != "b2r b1" {
		t.Fatalf("got %s, want b2r b1", got)
	}
	ack(q, ds)
	reroute(t, q, testRoutes("a"))
	reroute(t, q, testRoutes("a", "b"))
	put(t, q, "b")
	expect(t, q, "b3r")
}

func TestReconfigureWakesTheWaiting(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(q *Queue)
		want string
	}{
		{
			"there is more room", func(q *Queue) { q.Reconfigure(testRoutes("a"), Limits{2, Block, Replay, 0}) },
			"read 2 = acknowledged 0 + superseded 0 + rejected 0 + dropped 0 + queued 2",
		},
		{
			"nobody waits any more", func(q *Queue) { q.Reconfigure(testRoutes("a"), Limits{1, DropNewest, Replay, 0}) },
			"read 2 = acknowledged 0 + superseded 0 + rejected 0 + dropped 1 (overflow 1) + queued 1",
		},
		{
			"the sensor is gone", func(q *Queue) { q.Reconfigure(testRoutes("b"), Limits{2, Block, Replay, 0}) },
			"read 2 = acknowledged 0 + superseded 0 + rejected 0 + dropped 1 (removed 1) + queued 1",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newTestQueue(1, Block, Replay)
				put(t, q, "a")
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- q.Put(ctx, sensors.Reading{Sensor: "a", Quantity: "temperature", Time: time.Now()}) }()
				synctest.Wait()
				c.do(q)
				synctest.Wait()
				cancel()
				if err := <-done; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, sensors.ErrNoRoom) {
					t.Error(err)
				}
				if got := q.Account().String(); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			})
		})
	}
}
