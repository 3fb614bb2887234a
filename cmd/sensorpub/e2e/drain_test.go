package e2e

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
	// How many messages of the backlog may go before a live reading: the
	// window, and those of the time in which the worker that read it is not
	// running. At most 13 were measured, and 512 with a queue that sends
	// the backlog first.
	lively = 250
)

var drainQuantities = []sensors.Quantity{sensors.Temperature, sensors.Humidity, sensors.Pressure, sensors.CO2}

// A backlog that takes seconds to send, because each answer of the broker takes
// 3 ms, does not delay live readings on the same connection. How long it takes
// depends on the machine; what goes before them does not.
func TestLiveReadingsArriveWhileABacklogDrains(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t, "max_inflight_messages 0", "max_queued_messages 0")
	c := dialClient(t, m.addr).subscribe("+/+")
	front := newRelay(t, m.addr) // not listening yet
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

	for seen := make(map[string]bool); len(seen) < waiting; {
		if p := c.next(); isOld(t, p) {
			seen[p.topic+seqOf(t, p.payload).text] = true
		}
	}
	a := d.stop()
	if a.queued+a.dropped+a.rejected != 0 || a.acknowledged != a.read {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	all, _ := front.now()
	before, took := goneBefore(t, all)
	if len(before) < 50 {
		t.Fatalf("got %d live readings in %v, want more while the backlog drains", len(before), took)
	}
	slices.Sort(before)
	middle, most := before[len(before)/2], before[len(before)-1]
	if middle > lively/10 || most > lively {
		t.Errorf("%d messages of the backlog (median) and %d at most went before a live reading, want %d and %d",
			middle, most, lively/10, lively)
	}
	t.Logf("%d of a backlog in %v; before %d live readings went %d (median), %d at most", drainBacklog, took, len(before), middle, most)
}

// goneBefore returns, for each reading taken while a backlog drained, how many
// messages of the backlog went first, and how long it drained.
func goneBefore(t *testing.T, all []passage) (before []int, took time.Duration) {
	t.Helper()
	var old []time.Time // when the backlog's messages went
	seen := make(map[string]bool)
	for _, p := range all {
		if isOld(t, p.message) {
			old = append(old, p.at)
			continue
		}
		if len(old) == 0 || len(old) >= drainBacklog || p.topic == statusTopic {
			continue
		}
		id, taken := p.topic+seqOf(t, p.payload).text, measured(t, p.payload)
		if taken.After(old[0]) && !seen[id] { // otherwise it belongs to the backlog
			first, _ := slices.BinarySearchFunc(old, taken, time.Time.Compare)
			before = append(before, len(old)-first)
		}
		seen[id] = true
	}
	return before, old[len(old)-1].Sub(old[0])
}

// isOld reports whether a message belongs to the backlog.
func isOld(t *testing.T, m message) bool {
	t.Helper()
	return m.topic != statusTopic && measured(t, m.payload).Before(longAgo.Add(time.Hour))
}

// longAgo is when the readings of the backlog begin.
var longAgo = time.Now().Add(-24 * time.Hour).Truncate(time.Second)

// fillSpool leaves a backlog of both sensors, as a stopped daemon does, and
// returns its number of readings.
func fillSpool(t *testing.T, dir, runtime string) int {
	t.Helper()
	var routes []publisher.Route
	for _, name := range []string{"a", "b"} {
		for _, q := range drainQuantities {
			routes = append(routes, publisher.Route{Sensor: name, Quantity: q.Name, Unit: q.Unit, QoS: 1})
		}
	}
	queue := publisher.NewQueue(routes, publisher.Limits{Capacity: 1024, Overflow: publisher.DropOldest, Backlog: publisher.Replay})
	s := &spool.Spool{
		Dir: dir, RuntimeDir: runtime, SpillAfter: 10 * time.Second, FlushInterval: 30 * time.Second,
		MaxBytes: 16 << 20,
	}
	left, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	queue.Restore(s, left)
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
