package publisher

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/mqtt/mqtttest"
)

// settings are those that the rig has, with another broker and other topics.
func (r *rig) settings(b *mqtttest.Broker, availability string) Settings {
	m := &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:    "test",
			KeepAlive:   10 * time.Second,
			Beat:        func() {},
			DialContext: b.Dial,
		},
		URLs: []*url.URL{{Scheme: "mqtt", Host: "other:1883"}}, Log: r.mqtt.Log,
	}
	return Settings{Connector: connector{m}, Window: 16, AckTimeout: 10 * time.Second, Grace: 5 * time.Second, Availability: availability}
}

func TestNewConnectorMakesANewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := pipeBroker(t), pipeBroker(t)
		r := newRig(t, first, Replay).start()
		r.read("a", 3, time.Second)
		first.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop))
		r.read("a", 3, time.Second) // under way, not acknowledged
		r.pub.Change(r.settings(second, "elsewhere"))
		time.Sleep(5 * time.Second)
		if got := values(first.Messages(), "status"); !slices.Equal(got, []string{Online, Offline}) {
			t.Errorf("got %q, want online and offline on the old session", got)
		}
		if got := values(second.Messages(), "elsewhere"); !slices.Equal(got, []string{Online}) {
			t.Errorf("got %q, want online on the new session", got)
		}
		r.read("a", 1, time.Second)
		r.wantAccount("read 7 = acknowledged 7 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		r.stop()
		if got := values(second.Messages(), "elsewhere"); !slices.Equal(got, []string{Online, Offline}) {
			t.Errorf("got %q, want online and offline", got)
		}
	})
}

func TestNewAvailabilityTopicMakesANewSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, Replay).start()
		r.read("a", 1, time.Second)
		s := r.settings(b, "elsewhere")
		s.Connector = connector{r.mqtt}
		r.pub.Change(s)
		time.Sleep(5 * time.Second)
		if got := values(b.Messages(), "status"); !slices.Equal(got, []string{Online, Offline}) {
			t.Errorf("got %q, want online and offline on the old topic", got)
		}
		connects := b.Connects()
		if w := connects[len(connects)-1].Will; len(connects) != 2 || w == nil || w.Topic != "elsewhere" || !w.Retain {
			t.Errorf("got the will %+v on connection %d, want a retained one on the new topic on the second", w, len(connects))
		}
		r.stop()
	})
}

func TestSameConnectorKeepsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, Replay).start()
		r.read("a", 1, time.Second)
		for range 20 {
			s := r.settings(b, "status")
			s.Connector, s.Window = connector{r.mqtt}, 1
			r.pub.Change(s)
			r.read("a", 1, time.Second)
		}
		if got := values(b.Messages(), "status"); !slices.Equal(got, []string{Online}) {
			t.Errorf("got %q, want one session", got)
		}
		r.wantAccount("read 21 = acknowledged 21 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		r.stop()
		if r.pub.Window != 1 {
			t.Errorf("got a window of %d, want 1", r.pub.Window)
		}
	})
}

// Attempts to reach a broker end when there is another.
func TestNewConnectorDuringAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away, b := pipeBroker(t), pipeBroker(t)
		away.Stop()
		r := newRig(t, away, Replay).start()
		r.read("a", 3, 20*time.Second)
		for range 5 {
			r.pub.Change(r.settings(away, "status"))
		}
		r.pub.Change(r.settings(b, "status"))
		time.Sleep(time.Second)
		r.wantAccount("read 3 = acknowledged 3 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		if took := r.stop(); took > 2*time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

func TestChangeBeforeTheStartAndAtTheStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := pipeBroker(t)
		r := newRig(t, b, Replay)
		r.pub.Change(r.settings(b, "elsewhere"))
		r.start().read("a", 1, time.Second)
		if got := values(b.Messages(), "elsewhere"); !slices.Equal(got, []string{Online}) {
			t.Errorf("got %q, want online", got)
		}
		r.queue.Close()
		r.pub.Change(r.settings(b, "later"))
		if took := r.stop(); took > 2*time.Second {
			t.Errorf("the stop took %v", took)
		}
	})
}

// The status of a sensor that is removed is "offline" in the end, on the old
// broker if there is a new one.
func TestStatusOfARemovedSensor(t *testing.T) {
	statusBubble(t, "same session", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.start()
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "status online")
		r.good("b", "temperature")
		want("temperature/b 20.0", "b/status online")
		routes := testRoutes("c")
		routes[0].Status = "c/status"
		r.queue.Reconfigure(routes, Limits{10, DropOldest, Replay, 0})
		r.queue.Live("b", "temperature", false) // too late, and nobody's
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "c/status offline")
		r.good("c", "temperature")
		want("temperature/c 20.0", "c/status online")
		b.Kill()
		b.Start(t)
		time.Sleep(30 * time.Second)
		want("temperature/c 20.0", "c/status online", "status online")
	})
	statusBubble(t, "during an outage", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		r.start()
		time.Sleep(time.Second)
		r.good("b", "temperature")
		b.Stop()
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "status online", "temperature/b 20.0", "b/status online")
		r.queue.Reconfigure(testRoutes("a"), Limits{10, DropOldest, Replay, 0})
		b.Start(t)
		time.Sleep(30 * time.Second)
		want("a/status offline", "b/status offline", "status online")
	})
	statusBubble(t, "another broker", Replay, func(r *rig, b *mqtttest.Broker, want func(...string)) {
		other := pipeBroker(r.t)
		r.start()
		time.Sleep(time.Second)
		r.good("b", "temperature")
		want("a/status offline", "b/status offline", "status online", "temperature/b 20.0", "b/status online")
		r.queue.Reconfigure(testRoutes("a"), Limits{10, DropOldest, Replay, 0})
		r.pub.Change(r.settings(other, "status"))
		time.Sleep(time.Second)
		want("a/status offline", "b/status offline", "status offline")
		for _, m := range other.Messages() {
			if strings.HasPrefix(m.Topic, "b") {
				t.Errorf("got %v on the new broker, want nothing of b", m)
			}
		}
	})
}
