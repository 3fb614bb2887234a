package mqtt

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestClientIdClashIsNamed(t *testing.T) {
	bubble(t, "two clients", func(t *testing.T, b *mqtttest.Broker, u *user) {
		other := newUser(b).start()
		u.start()
		time.Sleep(2 * time.Minute)
		if n := len(u.log.Lines("another client uses the client id test")); n == 0 {
			t.Errorf("the log does not name the clash: %q", u.log.Lines(""))
		}
		if n := len(b.Connects()); n > 150 {
			t.Errorf("got %d connections in two minutes of two clients, want a pause between them", n)
		}
		if n := len(u.log.Lines("")); n > 30 {
			t.Errorf("got %d log lines: %q", n, u.log.Lines(""))
		}
		u.stop()
		other.stop()
	})
}

func TestClashOfSlowClientsIsNamed(t *testing.T) {
	bubble(t, "a handshake takes 2 s", func(t *testing.T, b *mqtttest.Broker, u *user) {
		b.Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Delay(2*time.Second)))
		other := newUser(b).start()
		u.start()
		time.Sleep(2 * time.Minute)
		if n := len(u.log.Lines("another client uses the client id test")); n == 0 {
			t.Errorf("the log does not name the clash: %q", u.log.Lines(""))
		}
		u.stop()
		other.stop()
	})
}
