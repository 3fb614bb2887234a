package publisher

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors"
)

// newStatusRig has the sensor "a" with a temperature and a humidity, and "b",
// whose retained readings are deleted when they are stale.
func newStatusRig(t *testing.T, b *mqtttest.Broker, backlog string) *rig {
	r := newRig(t, b, backlog)
	routes := testRoutes("a", "a", "b")
	routes[1].Quantity, routes[1].Topic = "humidity", "humidity/a"
	routes[2].ClearStale = true
	for i := range routes {
		routes[i].Status = routes[i].Sensor + "/status"
	}
	r.queue = NewQueue(routes, Limits{10_000, DropOldest, backlog, 0})
	r.pub.Queue = r.queue
	return r
}

// good puts a reading and says that it is live, as a bus does.
func (r *rig) good(sensor, quantity string) {
	r.t.Helper()
	reading := sensors.Reading{Sensor: sensor, Quantity: quantity, Value: 20, Time: time.Now()}
	if err := r.queue.Put(r.t.Context(), reading); err != nil {
		r.t.Fatal(err)
	}
	r.queue.Live(sensor, quantity, true)
	balanced(r.t, r.queue)
	time.Sleep(time.Second)
}

func (r *rig) stale(sensor, quantity string) {
	r.queue.Live(sensor, quantity, false)
	time.Sleep(time.Second)
}

// arrived returns what has reached the broker since the last call.
func arrived(b *mqtttest.Broker, from *int) (all []string) {
	for _, m := range b.Messages()[*from:] {
		text := fmt.Sprintf("%s %s", m.Topic, m.Payload)
		if !m.Retain {
			text += " (not retained)"
		}
		all = append(all, text)
	}
	*from += len(all)
	return all
}

func statusBubble(t *testing.T, name, backlog string, f func(r *rig, b *mqtttest.Broker, want func(...string))) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, from := pipeBroker(t), 0
			r := newStatusRig(t, b, backlog)
			f(r, b, func(want ...string) {
				t.Helper()
				if got := arrived(b, &from); !slices.Equal(got, want) {
					t.Errorf("got\n%q\nwant\n%q", got, want)
				}
			})
			r.stop()
		})
	})
}

func TestSensorIsOnlineAfterItsValues(t *testing.T) {
	statusBubble(t, "connected", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "status online")
		r.good("a", "temperature")
		want("temperature/a 20.0")
		r.good("a", "humidity")
		want("humidity/a 20.0", "a/status online")
		r.good("a", "temperature")
		want("temperature/a 20.0")
		r.stale("a", "humidity")
		want("a/status offline")
		r.stale("a", "temperature")
		want()
		r.good("a", "humidity")
		want("humidity/a 20.0")
		r.wantAccount("read 4 = acknowledged 4 + superseded 0 + rejected 0 + dropped 0 + queued 0")
	})
}

func TestReadingIsClearedWhenTheBrokerKnowsThatItsSensorIsOffline(t *testing.T) {
	statusBubble(t, "connected", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.good("b", "temperature") // before the connection, which would otherwise be made at the same instant
		r.start()
		time.Sleep(time.Second)
		want("temperature/b 20.0", "a/status offline", "b/status online", "status online")
		b.Inject(mqtttest.First(1, mqtttest.On(mqtttest.PUBLISH, mqtttest.Delay(3*time.Second))))
		r.stale("b", "temperature")
		want("b/status offline")
		time.Sleep(time.Second)
		want()
		time.Sleep(2 * time.Second)
		want("temperature/b ")
		b.Inject(mqtttest.First(1, mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop)))
		r.good("b", "temperature")
		b.Kill() // with an acknowledgement missing
		b.Start(t)
		time.Sleep(time.Minute)
		want("temperature/b 20.0", "b/status online", "temperature/b 20.0", "a/status offline", "b/status online", "status online")
		r.stale("b", "temperature")
		want("b/status offline", "temperature/b ")
	})
}

// Their notices are queued one after the other before any of them is sent.
func TestReadingsThatGoStaleTogetherAreClearedAfterTheirStatus(t *testing.T) {
	statusBubble(t, "connected", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.queue = newOptionalQueue()
		r.pub.Queue = r.queue
		r.start()
		time.Sleep(time.Second)
		r.good("a", "temperature")
		r.good("a", "humidity")
		want("a/status offline", "status online", "temperature/a 20.0", "a/status online", "humidity/a 20.0")
		stale := func(quantities ...string) {
			for _, quantity := range quantities {
				r.queue.Live("a", quantity, false)
			}
		}
		stale("temperature", "humidity")
		time.Sleep(time.Second)
		want("a/status offline", "temperature/a ", "humidity/a ")

		b.Kill()
		b.Start(t)
		time.Sleep(time.Minute)
		want("a/status offline", "temperature/a ", "humidity/a ", "status online")
	})
}

func TestStaleReadingIsClearedUntilThereIsANewOne(t *testing.T) {
	statusBubble(t, "connected", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "status online")
		r.good("b", "temperature")
		want("temperature/b 20.0", "b/status online")
		r.stale("b", "temperature")
		want("b/status offline", "temperature/b ")
		if p, there := b.Retained("temperature/b"); there {
			t.Errorf("got %q retained, want nothing", p)
		}
		b.Kill()
		b.Start(t)
		time.Sleep(30 * time.Second)
		want("a/status offline", "b/status offline", "temperature/b ", "status online")
		r.good("b", "temperature")
		want("temperature/b 20.0", "b/status online")
		b.Kill()
		b.Start(t)
		time.Sleep(30 * time.Second)
		want("temperature/b 20.0", "a/status offline", "b/status online", "status online")
	})
}

func TestWhatAnOutageLeavesOfTheStatus(t *testing.T) {
	// b is good twice and stale then, while there is no connection.
	for backlog, want := range map[string][]string{
		Replay: {
			"temperature/b 20.0 (not retained)", "a/status offline", "b/status offline", "temperature/b ", "status online",
			"temperature/b 20.0 (not retained)", "temperature/b 20.0 (not retained)",
		},
		Latest:  {"temperature/b 20.0 (not retained)", "a/status offline", "b/status offline", "temperature/b ", "status online"},
		History: {"temperature/b 20.0 (not retained)", "a/status offline", "b/status offline", "temperature/b ", "status online"},
	} {
		statusBubble(t, backlog, backlog, func(r *rig, b *mqtttest.Broker, same func(...string)) {
			b.Stop()
			r.start()
			r.good("b", "temperature")
			r.good("b", "temperature")
			r.stale("b", "temperature")
			b.Start(t)
			time.Sleep(30 * time.Second)
			if backlog == History {
				last := b.Messages()[len(b.Messages())-1]
				if last.Topic != "history/temperature/b" {
					t.Errorf("got %v last, want the history", last)
				}
				want = append(want, fmt.Sprintf("history/temperature/b %s (not retained)", last.Payload))
			}
			same(want...)
			if p, there := b.Retained("temperature/b"); there {
				t.Errorf("got %q retained, want nothing", p)
			}
		})
	}
}

// Only the newest status counts, and never before the value that made it so.
func TestOldNoticesArePassedOver(t *testing.T) {
	q := NewQueue([]Route{{
		Sensor: "a", Quantity: "temperature", Topic: "t", Encoder: Text{2}, QoS: 1, Retain: true, Status: "s", ClearStale: true,
	}}, Limits{
		10, DropOldest, Replay, 0,
	})

	q.Connected()
	q.Live("a", "temperature", false)
	put(t, q, "a")
	q.Live("a", "temperature", true)
	q.Live("a", "temperature", false)
	put(t, q, "a")
	q.Live("a", "temperature", true)
	var got []string
	for d, ok := q.Next(true); ok; d, ok = q.Next(true) {
		m, err := d.message(q.corrected)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %v", m.Topic, m.Payload, m.Retain))
	}
	if want := []string{"t 20.0 true", "t 20.0 true", "s online true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDeadbandIsSuperseded(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.Deadband})
	q.Reject("a", "temperature", &sensors.Rejection{Reason: sensors.Step})
	balanced(t, q)
	if got, want := q.Account().String(), "read 2 = acknowledged 0 + superseded 1 + rejected 1 (step 1) + dropped 0 + queued 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A long interval or a deadband lets the newest reading become old. As long as
// the sensor is live it goes out first all the same, whether it was delivered
// or not, and what is older does not.
func TestNewestOfALiveSensorIsNeverTooOld(t *testing.T) {
	for _, c := range []struct {
		name, status string
		live         bool
		want         string
	}{
		{"live", "s", true, "a3r"},
		{"not live", "s", false, ""},
		{"live, but nobody would say otherwise", "", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				routes := testRoutes("a")
				routes[0].Status = c.status
				q := NewQueue(routes, Limits{10, DropOldest, Replay, 0})
				q.MaxAge = 2 * time.Second
				put(t, q, "a", "a", "a")
				q.Live("a", "temperature", c.live)
				for _, delivered := range []bool{false, true} {
					time.Sleep(time.Minute)
					q.Connected()
					if got := readingsOf(t, q); got != c.want {
						t.Errorf("delivered before: %v: got %q, want %q", delivered, got, c.want)
					}
					q.Lost()
				}
				q.Live("a", "temperature", false)
				q.Connected()
				if got := readingsOf(t, q); got != "" {
					t.Errorf("when it is live no longer: got %q, want nothing", got)
				}
			})
		})
	}
}

// readingsOf takes and acknowledges all that is to be sent, and returns how the
// readings look.
func readingsOf(t *testing.T, q *Queue) (look string) {
	t.Helper()
	for _, d := range takeAll(q) {
		if d.series == nil {
			continue
		}
		look += fmt.Sprint(d.Reading.Sensor, d.Reading.Seq)
		if d.Retain {
			look += "r"
		}
		q.Ack(d)
	}
	balanced(t, q)
	return look
}
