package mqtt

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
	bubble(t, "an idle connection is kept alive", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.start()
		time.Sleep(time.Hour)
		if n := len(b.Connects()); n != 1 || b.Connects()[0].KeepAlive != 10*time.Second {
			t.Errorf("got %d connections with a keep-alive of %v, want one of 10 s", n, b.Connects()[0].KeepAlive)
		}
		if n := pings(b); n < 350 || n > 361 {
			t.Errorf("got %d PINGREQs in an hour, want one in 10 s", n)
		}
		u.stop()
	})
	bubble(t, "a busy connection needs no PINGREQ", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.start()
		u.publishEach(600, time.Second, 1)
		if n := pings(b); n != 0 {
			t.Errorf("got %d PINGREQs, want none", n)
		}
		u.stop()
	})
	bubble(t, "messages without acknowledgements do not hide a dead broker", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.start()
		u.publishEach(1, 30*time.Second, 0)
		b.Inject(mqtttest.On(mqtttest.PINGREQ, mqtttest.Drop))
		u.publishEach(18, time.Second, 0)
		if n := len(u.log.Lines("no answer to PINGREQ")); n != 1 {
			t.Errorf("got %q, want one loss", u.log.Lines(""))
		}
		u.stop()
	})
	bubble(t, "an idle connection to a dead broker ends within 20 s", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.start()
		u.publishEach(1, 30*time.Second, 0)
		b.Freeze()
		time.Sleep(20 * time.Second)
		if n := len(u.log.Lines("no answer to PINGREQ")); n != 1 {
			t.Errorf("got %q, want one loss", u.log.Lines(""))
		}
		b.Thaw()
		u.stop()
	})
}
