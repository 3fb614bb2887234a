package publisher

import (
	"slices"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// newOptionalQueue has the sensor "a" with three quantities that its device may
// have, and whose retained readings are deleted when they are stale.
func newOptionalQueue() *Queue {
	routes := testRoutes("a", "a", "a")
	for i, quantity := range []string{"temperature", "humidity", "pressure"} {
		r := &routes[i]
		r.Quantity, r.Topic, r.Status, r.Optional, r.ClearStale = quantity, quantity+"/a", "a/status", true, true
	}
	return NewQueue(routes, Limits{10, DropOldest, Replay, 0})
}

func TestStatusWaitsOnlyForQuantitiesThatExist(t *testing.T) {
	statusBubble(t, "connected", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.queue = newOptionalQueue()
		r.pub.Queue = r.queue
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "status online")
		r.good("a", "temperature")
		want("temperature/a 20.0", "a/status online")
		r.stale("a", "pressure") // which the device does not have: nothing to delete
		want()
		r.good("a", "humidity")
		want("humidity/a 20.0")
		r.stale("a", "humidity")
		want("a/status offline", "humidity/a ")
		r.stale("a", "temperature")
		want("temperature/a ")
	})
}

// The configuration of a fleet lists the probes of all machines.
func TestNothingIsSaidOfAProbeOfAnotherMachine(t *testing.T) {
	present := func() *Queue {
		routes := testRoutes("a")
		routes[0].Status, routes[0].Optional, routes[0].IfPresent = "a/status", true, true
		return NewQueue(routes, Limits{10, DropOldest, Replay, 0})
	}
	statusBubble(t, "never seen", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.queue = present()
		r.pub.Queue = r.queue
		r.start()
		time.Sleep(time.Second)
		want("status online")
		r.stale("a", "temperature")
		want()
		r.good("a", "temperature")
		want("temperature/a 20.0", "a/status online")
		r.stale("a", "temperature")
		want("a/status offline")
	})
	statusBubble(t, "seen by an earlier process, before a restart of the machine", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.queue = present()
		r.pub.Queue, r.pub.Topics = r.queue, NewTopics(&testMemory{lines: []string{"state temperature/a", "status a/status"}}, r.pub.Log)
		r.pub.Topics.Configure(Retained{Routes: r.queue.routes(), Availability: "status"})
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "status online")
		r.good("a", "temperature")
		want("temperature/a 20.0", "a/status online")
	})
	statusBubble(t, "seen by an earlier process", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.queue = present()
		r.queue.Restore(NewMemoryLog(), spool.Recovered{Newest: map[spool.Key]spool.Newest{
			{Sensor: "a", Quantity: "temperature"}: {Record: spool.Record{Reading: sensors.Reading{
				Sensor: "a", Quantity: "temperature", Value: 20, Unit: "°C",
			}, Position: 1}, Settled: true},
		}})
		r.pub.Queue = r.queue
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "status online")
	})
}

func TestRemovedProbeOfAnotherMachineLeavesNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		seen bool
		want []string
	}{
		{"never seen", false, nil},
		{"seen", true, []string{"temperature/a 20.0", "a/status online", "a/status offline", "a/status offline", "temperature/a ", "a/status "}},
	} {
		statusBubble(t, c.name, Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
			routes := testRoutes("a", "b")
			routes[0].Status, routes[0].Optional, routes[0].IfPresent = "a/status", true, true
			r.queue = NewQueue(routes, Limits{10, DropOldest, Replay, 0})
			r.pub.Queue, r.pub.Topics = r.queue, NewTopics(nil, r.pub.Log)
			r.pub.Topics.Configure(Retained{Routes: routes, Availability: "status"})
			r.start()
			time.Sleep(time.Second)
			want("status online")
			if c.seen {
				r.good("a", "temperature")
				time.Sleep(time.Second)
			}
			r.pub.Topics.Configure(Retained{Routes: routes[1:], Availability: "status"})
			reroute(t, r.queue, routes[1:])
			time.Sleep(time.Minute)
			want(c.want...)
		})
	}
}

func TestOptionalRoutesExistOnceTheyHaveHadAReading(t *testing.T) {
	q := newOptionalQueue()
	existing := func() (all []string) {
		for _, r := range q.Existing() {
			all = append(all, r.Quantity)
		}
		return all
	}
	if got := existing(); len(got) > 0 {
		t.Errorf("got %q at first, want none", got)
	}
	left := sensors.Reading{Sensor: "a", Quantity: "pressure", Value: 1000}
	q.Restore(NewMemoryLog(), spool.Recovered{Newest: map[spool.Key]spool.Newest{
		{Sensor: "a", Quantity: "pressure"}: {Record: spool.Record{Reading: left, Position: 1}, Settled: true},
	}})
	put(t, q, "a")
	if got, want := existing(), []string{"temperature", "pressure"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q, one of them of an earlier process", got, want)
	}
	if got := q.payloadOf("a/status"); got != Offline {
		t.Errorf("got %q, want offline", got)
	}
	q.Live("a", "temperature", true)
	if got := q.payloadOf("a/status"); got != Offline {
		t.Errorf("got %q, want offline: the pressure of an earlier process is still retained", got)
	}
	q.Live("a", "pressure", true)
	if got := q.payloadOf("a/status"); got != Online {
		t.Errorf("got %q, want online", got)
	}
}

func (q *Queue) payloadOf(topic string) string {
	i := slices.IndexFunc(q.statuses, func(st *status) bool { return st.topic == topic })
	return q.statuses[i].payload()
}

func (q *Queue) routes() (all []Route) {
	for _, s := range q.ordered {
		all = append(all, *s.route)
	}
	return all
}
