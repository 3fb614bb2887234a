package mqtt

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A network that comes and goes must not fill the log, and what the log says
// must still tell how often it went.
func TestManyOutagesAreAFewLogLines(t *testing.T) {
	bubble(t, "a day, one minute up and one down", func(t *testing.T, b *mqtttest.Broker, u *user) {
		u.start()
		for range 12 * 60 {
			time.Sleep(time.Minute)
			b.Stop()
			time.Sleep(time.Minute)
			b.Start(t)
		}
		b.Await("the connection", time.Minute, func() bool { return u.client.State().Connected })
		lines := u.log.Lines("")
		if len(lines) > 40 {
			t.Errorf("got %d log lines: %q", len(lines), lines)
		}
		if len(u.log.Lines(" times=512\n")) != 1 {
			t.Errorf("got no line of the 512th outage in %q", lines)
		}
		b.Stop()
		time.Sleep(10 * time.Minute)
		if last := u.log.Lines("no connection"); len(last) == 0 || len(u.log.Lines("")) != len(lines)+1 {
			t.Errorf("of the outage that lasts: got %q, want one line", u.log.Lines("")[len(lines):])
		}
		u.stop()
	})
}

func TestLongOfflineIsAFewLogLines(t *testing.T) {
	bubble(t, "a day", func(t *testing.T, b *mqtttest.Broker, u *user) {
		b.Stop()
		u.start()
		time.Sleep(24 * time.Hour)
		if n := len(u.log.Lines("")); n > 5 {
			t.Errorf("got %d log lines: %q", n, u.log.Lines(""))
		}
		u.stop()
	})
}

// What is said of connections that end early is a guess, for want of a cause.
func TestEarlyEndsAreExplainedOnlyIfTheyHaveNoCause(t *testing.T) {
	for _, c := range []struct {
		name   string
		action mqtttest.Action
		want   int // hints
	}{
		{"the broker closes the connection", mqtttest.Close, 1},
		{"the broker resets the connection", mqtttest.Reset, 1},
		{"the broker sends what nobody asked for", mqtttest.Bytes(0x20, 2, 0, 0), 0},
	} {
		bubble(t, c.name, func(t *testing.T, b *mqtttest.Broker, u *user) {
			b.Inject(mqtttest.On(mqtttest.PUBLISH, c.action))
			u.start()
			time.Sleep(time.Minute)
			u.stop()
			if lost := u.log.Lines("connection lost"); len(lost) < 3 {
				t.Errorf("got %q, want three losses at least", lost)
			}
			if got := u.log.Lines("hint="); len(got) != c.want {
				t.Errorf("got %q, want %d hints", got, c.want)
			}
		})
	}
}
