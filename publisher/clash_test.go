package publisher

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestClientIdClashIsNamed(t *testing.T) {
	bubble(t, "two clients", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		other := newRig(t, b, Replay).start()
		r.start()
		time.Sleep(2 * time.Minute)
		if n := len(r.log.lines("another client uses the client id test")); n == 0 {
			t.Errorf("the log does not name the clash: %q", r.log.lines(""))
		}
		if n := len(b.Connects()); n > 150 {
			t.Errorf("got %d connections in two minutes of two clients, want a pause between them", n)
		}
		if n := len(r.log.lines("")); n > 30 {
			t.Errorf("got %d log lines: %q", n, r.log.lines(""))
		}
		r.stop()
		other.stop()
	})
}

func TestClashOfSlowClientsIsNamed(t *testing.T) {
	bubble(t, "a handshake takes 2 s", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		b.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Delay(2*time.Second)))
		other := newRig(t, b, Replay).start()
		r.start()
		time.Sleep(2 * time.Minute)
		if n := len(r.log.lines("another client uses the client id test")); n == 0 {
			t.Errorf("the log does not name the clash: %q", r.log.lines(""))
		}
		r.stop()
		other.stop()
	})
}
