package publisher

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors"
)

// onTopic acts on messages to a topic, and on whatever belongs to them.
func onTopic(topic string, action mqtttest.Action) mqtttest.Fault {
	return func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
		if p.Message != nil && p.Message.Topic == topic {
			return action
		}
		return nil
	}
}

// Whatever the broker does at the messages of one topic, all others flow after
// a few reconnects, and the topic is named once.
func TestRefusedTopicHoldsUpNoOther(t *testing.T) {
	for _, c := range []struct {
		name   string
		action mqtttest.Action
		topic  string
		says   string
	}{
		{"the connection is closed at it", mqtttest.Close, "temperature/a", "closes the connection"},
		{"the connection is reset at it", mqtttest.Reset, "temperature/a", "closes the connection"},
		{"it is never acknowledged", mqtttest.Drop, "temperature/a", "never acknowledges them"},
		{"the status topic is refused", mqtttest.Close, "status", "closes the connection"},
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			b.Inject(onTopic(c.topic, c.action))
			r.start()
			time.Sleep(time.Second)
			for range 60 {
				put(t, r.queue, "a", "b")
				time.Sleep(2 * time.Second)
			}
			time.Sleep(30 * time.Second) // a topic may just be tried again, alone
			if got := len(slices.Compact(values(b.Acknowledged(), "temperature/b"))); got == 0 {
				t.Error("nothing of the other topic was acknowledged")
			}
			a := r.queue.Account()
			if c.topic == "status" {
				if a.Acknowledged != 120 {
					t.Errorf("got %v, want all acknowledged", a)
				}
			} else if a.Acknowledged != 60 || a.Dropped[Refused] < 40 || a.Dropped[Refused]+a.Queued != 60 {
				t.Errorf("got %v, want 60 acknowledged and the others refused, but for those of late", a)
			}
			lines := r.log.Lines("refuses messages")
			if len(lines) != 1 || !strings.Contains(lines[0], "topic="+c.topic) || !strings.Contains(lines[0], c.says) {
				t.Errorf("got %q, want one line that names %s", lines, c.topic)
			}
			if refused := r.queue.Refusals(); len(refused) != 1 || refused[0].Topic != c.topic {
				t.Errorf("got %v, want %s", refused, c.topic)
			}
			if n := len(b.Connects()); n > 12 {
				t.Errorf("got %d connections in two minutes, want few", n)
			}

			b.Inject() // the broker is mended
			time.Sleep(35 * time.Minute)
			put(t, r.queue, "a", "b")
			time.Sleep(time.Minute)
			if got := r.queue.Refusals(); len(got) != 0 || len(r.log.Lines("accepts messages to a topic again")) != 1 {
				t.Errorf("still refused: %v", got)
			}
			if a := r.queue.Account(); a.Queued != 0 {
				t.Errorf("got %v, want nothing queued", a)
			}
			if c.topic == "status" && !slices.Contains(values(b.Messages(), "status"), "online") {
				t.Error("the daemon is not online")
			}
			r.stop()
		})
	}
}

// Several topics can be refused.
func TestAllRefusedTopicsAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, Replay)
		r.queue.Reconfigure(testRoutes("a", "b", "c", "d"), Limits{100, DropOldest, Replay, 0})
		b.Inject(onTopic("temperature/a", mqtttest.Close), onTopic("temperature/c", mqtttest.Drop))
		r.start()
		for range 120 {
			put(t, r.queue, "a", "b", "c", "d")
			time.Sleep(2 * time.Second)
		}
		time.Sleep(30 * time.Second)
		if got := r.queue.Refusals(); len(got) != 2 || got[0].Topic != "temperature/a" || got[1].Topic != "temperature/c" {
			t.Errorf("got %v, want a and c", got)
		}
		if a := r.queue.Account(); a.Acknowledged != 240 {
			t.Errorf("got %v, want all of b and d acknowledged", a)
		}
		r.stop()
	})
}

// An outage, or a link on which no connection lasts, is not a refusal.
func TestOutageIsNoRefusal(t *testing.T) {
	on := mqtttest.On
	for name, fault := range map[string]func() mqtttest.Fault{
		"nothing is acknowledged":              func() mqtttest.Fault { return on(mqtttest.PUBLISH, mqtttest.Drop) },
		"each connection is closed at once":    func() mqtttest.Fault { return on(mqtttest.PUBLISH, mqtttest.Close) },
		"each connection bears three messages": func() mqtttest.Fault { return eachAfter(3, mqtttest.Close) },
		"each connection bears five messages":  func() mqtttest.Fault { return eachAfter(5, mqtttest.Reset) },
	} {
		bubble(t, name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			b.Inject(fault())
			r.start()
			for range 300 {
				put(t, r.queue, "a", "b")
				time.Sleep(time.Second)
			}
			if a := r.queue.Account(); a.Dropped[Refused] != 0 {
				t.Errorf("got %v, want nothing refused", a)
			}
			b.Inject()
			time.Sleep(time.Minute)
			put(t, r.queue, "a", "b")
			time.Sleep(time.Minute)
			r.wantAccount("read 602 = acknowledged 602 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			r.stop()
		})
	}
}

// eachAfter acts on the messages of each connection after the first n.
func eachAfter(n int, action mqtttest.Action) mqtttest.Fault {
	var mu sync.Mutex
	sent := make(map[*mqtttest.Conn]int)
	return func(c *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
		mu.Lock()
		defer mu.Unlock()
		if p.Type != mqtttest.PUBLISH {
			return nil
		}
		if sent[c]++; sent[c] > n {
			return action
		}
		return nil
	}
}

// A topic that is refused is tried again even if there is always something
// under way to the others.
func TestRefusedTopicIsTriedOnABusyLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, Replay)
		b.Inject(onTopic("temperature/a", mqtttest.Close))
		r.start()
		r.read("b", 1, 0)
		r.read("a", 60, time.Second)
		if len(r.queue.Refusals()) != 1 {
			t.Fatal("the topic is not refused")
		}
		b.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Delay(500*time.Millisecond)))
		r.read("b", 5*60*40, 25*time.Millisecond)
		if got := r.queue.Refusals(); len(got) != 0 {
			t.Errorf("still refused: %v", got)
		}
		r.stop()
	})
}

// refuse has the queue know that the broker does not take a topic.
func refuse(q *Queue, topic string) {
	q.held = map[string]*hold{topic: {Refusal: Refusal{Topic: topic}, proofs: refusedAfter}}
}

// Another topic in the configuration is the likely remedy.
func TestReadingsOfARefusedTopicGoToTheNewOne(t *testing.T) {
	q := newTestQueue(10, DropOldest, Replay)
	refuse(q, "temperature/a")
	put(t, q, "a", "b")
	q.Connected()
	expect(t, q, "b1r")
	routes := testRoutes("a", "b")
	routes[0].Topic = "temperature/x"
	q.Reconfigure(routes, q.Limits)
	expect(t, q, "a1r")
	if got := q.Refusals(); len(got) != 0 {
		t.Errorf("got %v, want none, as that topic is no longer used", got)
	}
}

func TestRefusedTopicTakesNoPlace(t *testing.T) {
	for _, overflow := range []string{DropNewest, Block} {
		q := newTestQueue(1, overflow, Replay)
		refuse(q, "temperature/a")
		q.Connected()
		put(t, q, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Put(ctx, sensors.Reading{Sensor: "b", Quantity: "temperature"}); err != nil {
			t.Error(err)
		}
		expect(t, q, "b1r")
	}
}

// All messages that were in flight are held back, the one that is too long
// among them: the others are tried before it.
func TestShortMessagesAreTriedFirst(t *testing.T) {
	now := time.Now()
	var z quarantine
	at := []Refusal{{Topic: "a", Size: 120}, {Topic: "b", Size: 6}, {Topic: "c", Size: 5}}
	for range suspectAfter {
		z.connectionEnded(at, false, now)
	}
	for _, want := range []string{"c", "b", "a"} {
		h := z.next("", now)
		if h == nil || h.Topic != want {
			t.Fatalf("got %v, want %s", h, want)
		}
		z.accepted(want)
	}
}
