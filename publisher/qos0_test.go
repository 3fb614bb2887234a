//go:build !paho

package publisher

import (
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// At QoS 0 nothing is acknowledged, but the broker may be slower than the daemon.
// (The library does not wait for it.)
func TestABacklogAtQoS0WaitsForTheBroker(t *testing.T) {
	bubble(t, "that does not read for 2 s", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		routes := testRoutes("a", "b")
		routes[0].QoS = 0
		r.queue = NewQueue(routes, Limits{100_000, DropOldest, Replay, 0})
		r.pub.Queue = r.queue
		r.start()
		time.Sleep(time.Minute)
		b.Freeze()
		const n = 60_000
		for range n {
			put(t, r.queue, "a")
		}
		time.Sleep(2 * time.Second)
		b.Thaw()
		time.Sleep(10 * time.Second)
		if got := len(values(b.Messages(), "temperature/a")); got != n {
			t.Errorf("%d of %d arrived", got, n)
		}
		if lost := r.log.Lines("connection lost"); len(lost) > 0 {
			t.Errorf("got %q", lost)
		}
		r.stop()
		r.wantAccount("read 60000 = acknowledged 0 + sent at QoS 0 60000 + superseded 0 + rejected 0 + dropped 0 + queued 0")
	})
}
