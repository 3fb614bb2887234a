package publisher

import (
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// failedOver runs a test with a publisher that is connected to the second of
// two brokers, as the first is down, and prefers the first after 10 minutes.
func failedOver(t *testing.T, name string, f func(t *testing.T, r *rig, first, second *mqtttest.Broker)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			first, second := pipeBroker(t), pipeBroker(t)
			first.Stop()
			r := newRig(t, first, Replay)
			r.mqtt.URLs = []*url.URL{{Scheme: "mqtt", Host: "first:1883"}, {Scheme: "mqtt", Host: "second:1883"}}
			r.mqtt.DialContext = route(map[string]*mqtttest.Broker{"first:1883": first, "second:1883": second})
			r.mqtt.PreferAfter = 10 * time.Minute
			r.start()
			r.read("a", 3, time.Second)
			if len(second.Connects()) != 1 {
				t.Fatalf("got %d connections to the second broker, want 1", len(second.Connects()))
			}
			f(t, r, first, second)
			r.stop()
		})
	})
}

// asDaemon counts the connections that were made with the daemon's client id.
func asDaemon(b *mqtttest.Broker) (n int) {
	for _, c := range b.Connects() {
		if c.ClientID == "test" {
			n++
		}
	}
	return n
}

func TestFirstBrokerIsPreferred(t *testing.T) {
	failedOver(t, "once it has been reachable for long enough", func(t *testing.T, r *rig, first, second *mqtttest.Broker) {
		time.Sleep(time.Hour)
		first.Start(t)
		time.Sleep(9 * time.Minute)
		if n := asDaemon(first); n != 0 {
			t.Errorf("got %d connections to the first broker after 9 minutes, want none", n)
		}
		time.Sleep(3 * time.Minute)
		if n := asDaemon(first); n != 1 {
			t.Errorf("got %d connections to the first broker after 12 minutes, want 1", n)
		}
		if got := values(second.Messages(), "status"); !slices.Equal(got, []string{Online, Offline}) || len(second.Wills()) > 0 {
			t.Errorf("the second broker got %q and the wills %v, want online, offline and no will", got, second.Wills())
		}
		r.read("a", 1, time.Second)
		if p, _ := first.Retained("temperature/a"); string(p) != "20.0" {
			t.Errorf("the first broker has %q, want 20.0", p)
		}
		r.wantAccount("read 4 = acknowledged 4 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		if n := len(r.log.Lines("connection lost")); n != 0 {
			t.Errorf("the log speaks %d times of a lost connection: %q", n, r.log.Lines(""))
		}
		connects := len(first.Connects())
		time.Sleep(time.Hour)
		if n := len(first.Connects()); n != connects {
			t.Errorf("got %d more connections to the first broker, want none", n-connects)
		}
	})
	failedOver(t, "not while it comes and goes", func(t *testing.T, r *rig, first, second *mqtttest.Broker) {
		for range 6 {
			first.Start(t)
			time.Sleep(9 * time.Minute)
			first.Stop()
			time.Sleep(2 * time.Minute)
		}
		if n := asDaemon(first); n != 0 || len(second.Connects()) != 1 {
			t.Errorf("got %d connections to the first broker and %d to the second, want none and 1", n, len(second.Connects()))
		}
	})
	failedOver(t, "a failure in between starts the count again", func(t *testing.T, r *rig, first, second *mqtttest.Broker) {
		first.Start(t)
		time.Sleep(9*time.Minute + time.Second)
		first.Stop()
		time.Sleep(time.Minute) // one look at it
		first.Start(t)
		time.Sleep(9 * time.Minute)
		if n := asDaemon(first); n != 0 || len(second.Connects()) != 1 {
			t.Errorf("got %d connections to the first broker and %d to the second, want none and 1", n, len(second.Connects()))
		}
		time.Sleep(3 * time.Minute)
		if n := asDaemon(first); n != 1 {
			t.Errorf("got %d connections to the first broker, want 1", n)
		}
	})
	failedOver(t, "not while it refuses the password", func(t *testing.T, r *rig, first, second *mqtttest.Broker) {
		first.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Connack(4)))
		first.Start(t)
		time.Sleep(time.Hour)
		if n := asDaemon(first); n != 0 || len(second.Connects()) != 1 {
			t.Errorf("got %d connections to the first broker and %d to the second, want none and 1", n, len(second.Connects()))
		}
	})
	failedOver(t, "and the second one is taken again if it fails after all", func(t *testing.T, r *rig, first, second *mqtttest.Broker) {
		first.Start(t)
		first.Inject(func(c *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
			if p.Type == mqtttest.PUBLISH {
				return mqtttest.Close
			}
			return nil
		})
		time.Sleep(11*time.Minute + 30*time.Second)
		first.Stop()
		time.Sleep(time.Minute)
		r.read("a", 1, time.Second)
		r.wantAccount("read 4 = acknowledged 4 + superseded 0 + rejected 0 + dropped 0 + queued 0")
		if len(second.Connects()) != 2 {
			t.Errorf("got %d connections to the second broker, want 2", len(second.Connects()))
		}
	})
}

func TestFirstBrokerIsNotPreferredWithoutPreferAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := pipeBroker(t), pipeBroker(t)
		first.Stop()
		r := newRig(t, first, Replay)
		r.mqtt.URLs = []*url.URL{{Scheme: "mqtt", Host: "first:1883"}, {Scheme: "mqtt", Host: "second:1883"}}
		r.mqtt.DialContext = route(map[string]*mqtttest.Broker{"first:1883": first, "second:1883": second})
		r.start()
		time.Sleep(time.Second)
		first.Start(t)
		time.Sleep(24 * time.Hour)
		if n := len(first.Connects()); n != 0 {
			t.Errorf("got %d connections to the first broker, want none", n)
		}
		r.stop()
	})
}
