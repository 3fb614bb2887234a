package e2e

import (
	"testing"
	"time"
)

// Mosquitto closes the connection at a packet above max_packet_size: only the
// topic with the long payloads waits.
func TestMessageTheBrokerRefusesHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t, "max_packet_size 100")
	live := dialClient(t, m.addr).subscribe("temperature/#")
	d := startDaemon(t, brokerConfig(m.tcp())+
		sensor("good", `interval = "200ms"`)+sensor("bad", `interval = "200ms"`, `encoding = "json"`))
	d.stderr.await(t, "refuses messages to a topic")
	d.stderr.await(t, "topic=temperature/bad bytes=")
	for range 10 {
		if got := live.next(); got.topic != "temperature/good" {
			t.Fatalf("got %s, which is too long for the broker", got.topic)
		}
	}
	time.Sleep(5 * time.Second) // until it counts as refused
	if a := d.stop(); a.acknowledged < 30 || a.dropped < 10 || a.read != a.acknowledged+a.dropped+a.queued || a.queued > a.read/4 {
		t.Errorf("got %+v, want all good readings acknowledged, and nearly all others dropped", a)
	}
}
