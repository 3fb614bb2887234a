package publisher

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// subscriptions counts the SUBSCRIBE packets and acts on each.
func subscriptions(b *mqtttest.Broker, act mqtttest.Action) *atomic.Int64 {
	var n atomic.Int64
	b.Inject(func(c *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
		if p.Type != mqtttest.SUBSCRIBE {
			return nil
		}
		n.Add(1)
		return act
	})
	return &n
}

// closeNext closes the connection at the next SUBSCRIBE, and at another whenever the value is
// set again.
func closeNext(b *mqtttest.Broker) *atomic.Bool {
	var next atomic.Bool
	b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
		if p.Type == mqtttest.SUBSCRIBE && next.Swap(false) {
			return mqtttest.Close
		}
		return nil
	})
	next.Store(true)
	return &next
}

func TestOverwrittenStatusIsPublishedAgain(t *testing.T) {
	bubble(t, "by another machine", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		other := func(payload string) {
			b.Publish(mqtttest.Message{Topic: "status", Payload: []byte(payload), Retain: true})
		}
		time.Sleep(time.Minute)
		expect := func(what string, online int) {
			t.Helper()
			if got := values(b.Messages(), "status"); len(got) != online || slices.Contains(got, "offline") {
				t.Errorf("%s: got %q, want online %d times", what, got, online)
			}
		}
		expect("connected", 1)
		other("offline")
		time.Sleep(time.Second)
		expect("offline", 2)
		other("online")
		time.Sleep(time.Minute)
		expect("online", 2)
		other("")
		time.Sleep(time.Second)
		expect("deleted", 3)
		for range 100 { // at full speed
			other("offline")
			time.Sleep(100 * time.Millisecond)
		}
		expect("offline 100 times in 10 s", 4)
		for range 100 {
			other("offline")
		}
		time.Sleep(time.Minute)
		expect("offline 100 times at once", 5)
		if p, _ := b.Retained("status"); string(p) != "online" {
			t.Errorf("got %q retained, want online", p)
		}
		r.read("a", 1, time.Second)
		r.stop()
		if n := len(r.log.Lines("another client has overwritten the status of this node")); n != 3 {
			t.Errorf("got %d lines, want those of the times 1, 2 and 4", n)
		}
	})
}

func TestBrokerThatRefusesASubscription(t *testing.T) {
	refuse := func(c *mqtttest.Conn, answer []byte) {
		answer[len(answer)-1] = 0x80
		c.Send(answer)
	}
	for _, c := range []struct {
		name          string
		act           mqtttest.Action
		losses, again int // lost connections, and subscriptions in all
	}{
		{"it says so", refuse, 0, 3},
		{"it does not answer", mqtttest.Drop, 0, 3},
		{"it closes the connection", mqtttest.Close, 2, 2},
		{"it resets the connection", mqtttest.Reset, 2, 2},
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			n := subscriptions(b, c.act)
			r.start()
			r.read("a", 60, time.Second)
			if got := len(r.log.Lines("connection lost")); got != c.losses {
				t.Errorf("lost %d connections, want %d", got, c.losses)
			}
			for range 2 {
				b.Kill()
				b.Start(t)
				r.read("a", 30, time.Second)
			}
			if got := n.Load(); got != int64(c.again) {
				t.Errorf("subscribed %d times, want %d", got, c.again)
			}
			r.stop()
			r.wantAccount("read 120 = acknowledged 120 + superseded 0 + rejected 0 + dropped 0 + queued 0")
			if got := len(r.log.Lines("there will be no further subscription until the next start")); (got == 1) != (c.again == 2) {
				t.Errorf("got %d lines that it subscribes no more", got)
			}
		})
	}
}

// checkListens checks that an overwritten status is restored.
func checkListens(t *testing.T, b *mqtttest.Broker, status string) {
	t.Helper()
	b.Publish(mqtttest.Message{Topic: status, Payload: []byte("offline"), Retain: true})
	time.Sleep(time.Second)
	if p, _ := b.Retained(status); string(p) != "online" {
		t.Errorf("got %q retained, want online", p)
	}
}

// The connection ends while the subscription is under way, for another reason.
func TestOneConnectionThatEndsAtASubscriptionProvesNothing(t *testing.T) {
	bubble(t, "once", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		next := closeNext(b)
		r.start()
		for range 3 { // and the next times are not added to it
			r.read("a", 30, time.Second)
			next.Store(true)
			b.Kill()
			b.Start(t)
			r.read("a", 30, time.Second)
			b.Kill()
			b.Start(t)
		}
		r.read("a", 30, time.Second)
		checkListens(t, b, "status")
		r.stop()
	})
}

// A broker, or the link to it, that hangs has not refused the subscription.
func TestConnectionsThatHangAtASubscriptionProveNothing(t *testing.T) {
	bubble(t, "twice", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		var n atomic.Int64
		b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
			if p.Type == mqtttest.SUBSCRIBE && n.Add(1) <= maxFailures {
				return func(*mqtttest.Conn, []byte) { b.Freeze() }
			}
			return nil
		})
		r.start()
		for range 3 {
			r.read("a", 20, time.Second)
			b.Thaw()
			time.Sleep(time.Second)
		}
		checkListens(t, b, "status")
		if got := n.Load(); got != maxFailures+1 {
			t.Errorf("got %d subscriptions, want %d", got, maxFailures+1)
		}
		r.stop()
	})
}

// A topic that was held back is tried at the moment of the subscription.
func TestConnectionsThatEndAtARefusedTopicProveNothing(t *testing.T) {
	bubble(t, "on each connection", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		b.Inject(func(_ *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
			switch {
			case p.Type == mqtttest.SUBSCRIBE:
				return mqtttest.Delay(10 * time.Millisecond)
			case p.Type == mqtttest.PUBLISH && p.Message.Topic == "temperature/b":
				return mqtttest.Close
			}
			return nil
		})
		r.start()
		put(t, r.queue, "b")
		r.read("a", 60, time.Second)
		if got := r.log.Lines("no further subscription until the next start"); len(got) > 0 {
			t.Errorf("got %q, want no such line", got)
		}
		checkListens(t, b, "status")
		r.stop()
	})
}

// Only failures without an answer between them count, and a session that was left
// may have had one.
func TestASubscriptionThatWasAnsweredBeforeTheSessionWasLeft(t *testing.T) {
	bubble(t, "between two failures", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		next := closeNext(b)
		r.start().read("a", 30, time.Second) // the first failure, and an answer
		s := r.settings(b, "elsewhere")
		r.pub.Change(s)
		next.Store(true)
		r.read("a", 30, time.Second) // the second
		checkListens(t, b, "elsewhere")
		r.stop()
	})
}

func TestAnnouncementsOnAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, from := pipeBroker(t), 0
		r := newRig(t, b, Replay)
		r.pub.Birth = "homeassistant/status"
		r.pub.Topics = NewTopics(nil, r.pub.Log)
		w := Retained{Routes: testRoutes("a", "b"), Availability: "status", Announcements: []Announcement{{Topic: "x", Payload: []byte("1")}, {Topic: "y", Payload: []byte("2")}}}
		r.pub.Topics.Configure(w)
		want := func(want ...string) {
			t.Helper()
			if got := arrived(b, &from); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		put(t, r.queue, "a")
		r.start()
		time.Sleep(5 * time.Second)
		want("temperature/a 20.0", "status online", "x 1", "y 2")
		birth := mqtttest.Message{Topic: "homeassistant/status", Payload: []byte("online")}
		b.Publish(birth)
		b.Publish(birth)
		time.Sleep(time.Second - time.Millisecond)
		want()
		time.Sleep(10 * time.Second)
		want("x 1", "y 2")
		b.Publish(mqtttest.Message{Topic: birth.Topic, Payload: []byte("offline")})
		b.Kill()
		b.Start(t)
		birth.Retain = true
		b.Publish(birth) // an old one
		time.Sleep(time.Minute)
		want("temperature/a 20.0", "status online")
		r.pub.Topics.Announce("x", []byte("3"))
		time.Sleep(10 * time.Millisecond)
		want("x 3")
		time.Sleep(announcementGap)
		w.Announcements = nil
		r.pub.Topics.Configure(w)
		time.Sleep(2 * time.Second)
		want("x ", "y ")
		r.stop()
	})
}

// A removed sensor's readings are all delivered before what is retained of it is
// deleted, and the retained value does not come back.
func TestRemovedSensorLeavesNothing(t *testing.T) {
	for _, backlog := range []string{Replay, Latest, History} {
		synctest.Test(t, func(t *testing.T) {
			b := pipeBroker(t)
			r := newStatusRig(t, b, backlog)
			r.pub.Topics = NewTopics(nil, r.pub.Log)
			var routes []Route
			for _, s := range r.queue.ordered {
				routes = append(routes, *s.route)
			}
			r.pub.Topics.Configure(Retained{Routes: routes, Availability: "status"})
			b.Stop()
			r.start()
			for range 50 {
				r.good("a", "temperature")
				r.good("a", "humidity")
				r.good("b", "temperature")
			}
			r.pub.Topics.Configure(Retained{Routes: routes[2:], Availability: "status"})
			reroute(t, r.queue, routes[2:])
			b.Start(t)
			time.Sleep(time.Minute)
			r.good("b", "temperature")
			var of []string
			for _, m := range b.Messages() {
				if strings.HasSuffix(m.Topic, "/a") && !strings.HasPrefix(m.Topic, "history/") || m.Topic == "a/status" {
					of = append(of, m.Topic+" "+string(m.Payload))
				}
			}
			end := []string{"a/status offline", "humidity/a ", "temperature/a ", "a/status "}
			if n := len(of) - len(end); n < 2 || !slices.Equal(of[n:], end) {
				t.Errorf("%s: got %q, want %q at the end", backlog, of, end)
			}
			if got, want := b.RetainedTopics(), []string{"b/status", "status", "temperature/b"}; !slices.Equal(got, want) {
				t.Errorf("%s: got %q retained, want %q", backlog, got, want)
			}
			r.stop()
			if a := r.queue.Account(); a.Queued != 0 || a.Dropped[Removed]+a.Dropped[Unwanted] != 0 {
				t.Errorf("%s: got %v, want all delivered", backlog, a)
			}
		})
	}
}
