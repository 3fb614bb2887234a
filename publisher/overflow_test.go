package publisher

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

func TestOverflow(t *testing.T) {
	cases := []struct{ overflow, want, account string }{
		{DropOldest, "a6r a4 a5 a6r", "read 6 = acknowledged 3 + superseded 0 + rejected 0 + dropped 3 (overflow 3) + queued 0"},
		{DropNewest, "a3r a1 a2 a3r", "read 6 = acknowledged 3 + superseded 0 + rejected 0 + dropped 3 (overflow 3) + queued 0"},
	}
	for _, c := range cases {
		q := newTestQueue(3, c.overflow, Replay)
		put(t, q, "a", "a", "a", "a", "a", "a")
		q.Connected()
		expect(t, q, c.want)
		if got := q.Account().String(); got != c.account {
			t.Errorf("%s: got %s\nwant %s", c.overflow, got, c.account)
		}
	}
}

func TestWhatWasInFlightCanBeDroppedAfterTheLoss(t *testing.T) {
	q := newTestQueue(3, DropOldest, Replay)
	q.Connected()
	put(t, q, "a", "a", "a")
	next(q, 3)
	put(t, q, "a", "a", "a") // what is in flight takes no place
	if a := q.Account(); a.Queued != 6 {
		t.Errorf("got %v, want 6 queued", a)
	}
	q.Lost()
	put(t, q, "a")
	q.Connected()
	expect(t, q, "a7r a5 a6 a7r")
}

func TestNewestOfEachTopicSurvivesOverflow(t *testing.T) {
	q := newTestQueue(2, DropOldest, Replay)
	put(t, q, "b", "a", "a", "a", "a")
	q.Connected()
	expect(t, q, "a4r b1r")
}

func TestLatestNeverOverflows(t *testing.T) {
	q := newTestQueue(2, DropOldest, Latest)
	for range 1000 {
		put(t, q, "a", "b")
	}
	want := "read 2000 = acknowledged 0 + superseded 1998 + rejected 0 + dropped 0 + queued 2"
	if got := q.Account().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBlockWaitsForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(2, Block, Replay)
		q.Connected()
		put(t, q, "a", "a")
		var taken time.Time
		go func() {
			put(t, q, "a")
			taken = time.Now()
		}()
		time.Sleep(time.Minute)
		synctest.Wait()
		if !taken.IsZero() {
			t.Error("a third reading was taken into two places")
		}
		if err := q.Account().Check(); err != nil {
			t.Errorf("while a reading waits for a place: %v", err)
		}
		ds, _ := next(q, 1)
		synctest.Wait()
		if taken.IsZero() {
			t.Error("the place that became free was not used")
		}
		ack(q, ds)
		expect(t, q, "a2r a3r")
	})
}

func TestBlockEndsWithTheContextOrTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []string{"context", "queue"} {
			q := newTestQueue(1, Block, Replay)
			put(t, q, "a")
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			go func() { done <- q.Put(ctx, sensors.Reading{Sensor: "a", Quantity: "temperature"}) }()
			synctest.Wait()
			if end == "queue" {
				q.Close()
			} else {
				cancel()
			}
			if err := <-done; err == nil {
				t.Errorf("%s: got nil, want an error", end)
			}
			balanced(t, q)
			cancel()
		}
	})
}

func TestMaxAgeDropsWhatIsTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(10, DropOldest, Replay)
		q.MaxAge = time.Minute
		put(t, q, "a", "b")
		time.Sleep(2 * time.Minute)
		put(t, q, "a", "a")
		q.Connected()
		expect(t, q, "a3r a2 a3r")
		time.Sleep(2 * time.Minute)
		q.Lost()
		q.Connected()
		expect(t, q, "") // an old value is not shown as live
		want := "read 4 = acknowledged 2 + superseded 0 + rejected 0 + dropped 2 (max-age 2) + queued 0"
		if got := q.Account().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// A slow link takes long to replay: what becomes too old meanwhile is not sent.
func TestMaxAgeDropsWhatBecomesTooOldOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTestQueue(10, DropOldest, Replay)
		q.MaxAge = time.Minute
		for range 5 {
			put(t, q, "a")
			time.Sleep(10 * time.Second)
		}
		q.Connected()
		ds, got := next(q, 2)
		if want := "a5r a1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		time.Sleep(35 * time.Second) // a1 to a3 are too old now
		ack(q, ds)
		put(t, q, "a")
		expect(t, q, "a6r a4 a6r") // a5 went out first
		put(t, q, "b")
		time.Sleep(2 * time.Minute)
		expect(t, q, "")
		want := "read 7 = acknowledged 4 + superseded 0 + rejected 0 + dropped 3 (max-age 3) + queued 0"
		if got := q.Account().String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// An outage longer than max_age leaves the readings of the last hour, although
// the queue was full before.
func TestWhatIsTooOldTakesNoPlace(t *testing.T) {
	for _, overflow := range []string{DropOldest, DropNewest, Block} {
		synctest.Test(t, func(t *testing.T) {
			q := newTestQueue(100, overflow, Replay)
			start := time.Now()
			q.Clock = func() (time.Time, time.Duration) { return time.Now(), time.Since(start) + time.Hour }
			q.MaxAge = time.Hour
			for range 24 * 60 {
				put(t, q, "a")
				time.Sleep(time.Minute)
			}
			q.Connected()
			if seen := deliverAll(q); len(seen) < 59 || len(seen) > 61 {
				t.Errorf("%s: got %d readings, want the 60 of the last hour (%v)", overflow, len(seen), q.Account())
			}
			balanced(t, q)
		})
	}
}

func TestLatestKeepsNoMoreThanItQueues(t *testing.T) {
	q := newTestQueue(2, DropOldest, Latest)
	for range 1000 {
		put(t, q, "a", "b")
	}
	if n := len(q.log.(*memoryLog).records); n > 20 {
		t.Errorf("got %d readings in memory, want hardly more than the 2 that are queued", n)
	}
}
