package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

const (
	drainBacklog = 10_000
	lively       = 200 * time.Millisecond // within which a live reading arrives
)

var drainQuantities = []sensors.Quantity{sensors.Temperature, sensors.Humidity, sensors.Pressure, sensors.CO2}

// A backlog that takes seconds, because each answer of the broker takes 3 ms,
// does not keep live readings waiting. Both go over the same connection.
func TestLiveReadingsArriveWhileABacklogDrains(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t, "max_inflight_messages 0", "max_queued_messages 0")
	c := dialClient(t, m.addr).subscribe("+/+")
	front := newRelay(t, m.addr) // it does not listen yet
	front.delay = 3 * time.Millisecond
	dir, runtime := t.TempDir(), t.TempDir()
	waiting := fillSpool(t, dir, runtime)
	config := brokerConfig("mqtt://"+front.addr) + "[publish]\nencoding = \"json\"\n" +
		fmt.Sprintf("[spool]\ndir = %q\nruntime_dir = %q\n", dir, runtime)
	for _, name := range []string{"a", "b"} {
		config += sensor(name, `interval = "100ms"`, `options = { quantities = ["temperature", "humidity", "pressure", "co2"] }`)
	}
	d := startDaemon(t, config)
	d.stderr.await(t, "no connection to the broker")
	front.start()

	var late []time.Duration
	var connected time.Time
	seen := make(map[string]bool)
	for waiting > 0 {
		msg := c.next()
		at := time.Now()
		if !strings.Contains(msg.payload, `"time":`) {
			continue
		}
		if connected.IsZero() {
			connected = at
		}
		id := msg.topic + seqOf(t, msg.payload).text
		if seen[id] {
			continue // a live one in its turn, or the newest
		}
		seen[id] = true
		switch taken := measured(t, msg.payload); {
		case taken.After(connected):
			late = append(late, at.Sub(taken))
		case taken.Before(longAgo.Add(time.Hour)):
			waiting--
		}
	}
	took := time.Since(connected)
	a := d.stop()
	if a.queued+a.dropped+a.rejected != 0 || a.acknowledged != a.read {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	if len(late) < 50 {
		t.Fatalf("got %d live readings in %v, want more while the backlog drains", len(late), took)
	}
	slices.Sort(late)
	middle, most := late[len(late)/2], late[len(late)-1]
	if middle > lively/2*slowdown || most > lively*slowdown {
		t.Errorf("live readings arrived after %v (median) and %v at most, want %v and %v",
			middle, most, lively/2*slowdown, lively*slowdown)
	}
	t.Logf("%d of a backlog in %v; %d live readings after %v (median), %v at most", drainBacklog, took, len(late), middle, most)
}

// longAgo is when the readings of the backlog begin.
var longAgo = time.Now().Add(-24 * time.Hour).Truncate(time.Second)

// fillSpool leaves a backlog of both sensors as a daemon that was stopped does,
// and returns how many readings it is.
func fillSpool(t *testing.T, dir, runtime string) int {
	t.Helper()
	var routes []publisher.Route
	for _, name := range []string{"a", "b"} {
		for _, q := range drainQuantities {
			routes = append(routes, publisher.Route{Sensor: name, Quantity: q.Name, Unit: q.Unit, QoS: 1})
		}
	}
	queue := publisher.NewQueue(routes, 1024, publisher.DropOldest, publisher.Replay)
	s := &spool.Spool{
		Dir: dir, RuntimeDir: runtime, SpillAfter: 10 * time.Second, FlushInterval: 30 * time.Second,
		MaxBytes: 16 << 20, Lost: queue.Lose,
	}
	left, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	queue.Spool = s
	queue.Restore(left)
	for i := range drainBacklog {
		r := routes[i%len(routes)]
		err := queue.Put(t.Context(), sensors.Reading{
			Sensor: r.Sensor, Quantity: r.Quantity, Unit: r.Unit, Value: 20,
			Time: longAgo.Add(time.Duration(i) * time.Millisecond),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	queue.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if a := queue.Account(); a.Queued != drainBacklog {
		t.Fatalf("got %v, want all queued", a)
	}
	return drainBacklog
}

// measured returns the time in a JSON payload.
func measured(t *testing.T, payload string) time.Time {
	t.Helper()
	_, rest, _ := strings.Cut(payload, `"time":"`)
	text, _, _ := strings.Cut(rest, `"`)
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatalf("got %q, want JSON with a time", payload)
	}
	return at
}
