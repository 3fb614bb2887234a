//go:build faults

package e2e

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestFault14PacketsThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	push := mqtttest.Message{Topic: "mqtttest/pushed", Payload: make([]byte, 1<<20)}
	for _, c := range []struct {
		name   string
		action mqtttest.Action
	}{
		{"256 MiB are announced", mqtttest.Announce(1 << 28)},
		{"a PUBLISH is pushed", mqtttest.Push(push)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := prepareScripted(t, mqtttest.Every(5, on(mqtttest.PUBLISH, c.action)))
			limitMemory(t, s.cmd, 64)
			s.start()
			b := s.broker
			b.Await("the end of five connections", patience, func() bool { return len(b.Ends()) >= 5 })
			for _, e := range b.Ends() {
				if took := lasted(b, e); took > 5*time.Second { // half of what a lost acknowledgement takes
					t.Errorf("connection %d ended %v after its last message, want at once", e.Conn, took)
				}
			}
			s.recovered(patience)
		})
	}
}

// lasted returns how long a connection lasted after its last message.
func lasted(b *mqtttest.Broker, e mqtttest.End) time.Duration {
	last := e.At
	for _, m := range b.Messages() {
		if m.Conn == e.Conn {
			last = m.At
		}
	}
	return e.At.Sub(last)
}
