package publisher

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

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
			r.read("a", 1, 3*time.Second) // until it has subscribed
			b.Inject(c.fault)
			r.read("a", 1, 10*time.Second-time.Millisecond)
			if lost := r.log.Lines("connection lost"); len(lost) != 0 {
				t.Errorf("got %q before the 10 s of AckTimeout, want none", lost)
			}
			time.Sleep(2 * time.Millisecond)
			if lost := r.log.Lines("connection lost"); len(lost) != 1 {
				t.Errorf("got %q after 10 s, want one loss", lost)
			}
			b.Inject()
			time.Sleep(time.Minute)
			r.stop()
		})
	}
}
