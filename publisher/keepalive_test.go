package publisher

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// pings counts the PINGREQs that the broker has received.
func pings(b *mqtttest.Broker) (n int) {
	for _, p := range b.Packets() {
		if p.Type == mqtttest.PINGREQ {
			n++
		}
	}
	return n
}

func TestKeepAlive(t *testing.T) {
	bubble(t, "an idle connection is kept alive", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		time.Sleep(time.Hour)
		if n := len(b.Connects()); n != 1 || b.Connects()[0].KeepAlive != 10*time.Second {
			t.Errorf("got %d connections with a keep-alive of %v, want one of 10 s", n, b.Connects()[0].KeepAlive)
		}
		if n := pings(b); n < 350 || n > 361 {
			t.Errorf("got %d PINGREQs in an hour, want one in 10 s", n)
		}
		r.stop()
	})
	bubble(t, "a busy connection needs no PINGREQ", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		r.read("a", 600, time.Second)
		if n := pings(b); n != 0 {
			t.Errorf("got %d PINGREQs, want none", n)
		}
		r.stop()
	})
	bubble(t, "messages without acknowledgements do not hide a dead broker", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		for i := range r.queue.ordered {
			r.queue.ordered[i].route.QoS = 0
		}
		r.start()
		r.read("a", 1, 30*time.Second)
		b.Inject(mqtttest.On(mqtttest.PINGREQ, mqtttest.Drop))
		r.read("a", 18, time.Second)
		if n := len(r.log.lines("no answer to PINGREQ")); n != 1 {
			t.Errorf("got %q, want one loss", r.log.lines(""))
		}
		r.stop()
	})
	bubble(t, "an idle connection to a dead broker ends within 20 s", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		r.read("a", 1, 30*time.Second)
		b.Freeze()
		time.Sleep(20 * time.Second)
		if n := len(r.log.lines("no answer to PINGREQ")); n != 1 {
			t.Errorf("got %q, want one loss", r.log.lines(""))
		}
		b.Thaw()
		r.stop()
	})
}

func TestConnectionIsDroppedAtTheAckDeadline(t *testing.T) {
	on := mqtttest.On
	for _, c := range []struct {
		name  string
		fault mqtttest.Fault
	}{
		{"the broker does not acknowledge", on(mqtttest.PUBLISH, mqtttest.Drop)},
		{"the broker stops reading", on(mqtttest.PUBLISH, mqtttest.StopReading)},
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, r *rig) {
			r.start()
			r.read("a", 1, time.Second)
			b.Inject(c.fault)
			r.read("a", 1, 10*time.Second-time.Millisecond)
			if lost := r.log.lines("connection lost"); len(lost) != 0 {
				t.Errorf("got %q before the 10 s of AckTimeout, want none", lost)
			}
			time.Sleep(2 * time.Millisecond)
			if lost := r.log.lines("connection lost"); len(lost) != 1 {
				t.Errorf("got %q after 10 s, want one loss", lost)
			}
			b.Inject()
			time.Sleep(time.Minute)
			r.stop()
		})
	}
}
