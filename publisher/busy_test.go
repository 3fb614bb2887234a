package publisher

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A link that takes most of its time for what is read catches up with an
// outage, and then sends each reading once.
func TestABusyLinkSendsEachReadingOnceInTheEnd(t *testing.T) {
	for _, c := range []struct {
		window, sensors int
		takes           time.Duration // for each message
	}{
		{16, 10, 60 * time.Millisecond}, {1, 1, 600 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := pipeBroker(t)
			r := newRig(t, b, Replay)
			var names []string
			for i := range c.sensors {
				names = append(names, fmt.Sprint("s", i))
			}
			r.queue = NewQueue(testRoutes(names...), Limits{10_000, DropOldest, Replay, 0})
			r.pub.Queue, r.pub.Window = r.queue, c.window
			b.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Pause(c.takes)))
			var all []*count
			for _, n := range names {
				all = append(all, &count{rig: r, sensor: n})
			}
			for range 60 { // the outage
				for _, s := range all {
					s.put()
				}
			}
			r.start()
			live := func(d time.Duration) {
				for range d / time.Second {
					for _, s := range all {
						s.put()
						time.Sleep(time.Second / time.Duration(c.sensors))
					}
				}
			}
			live(20 * time.Minute)
			before := len(b.Messages())
			live(time.Minute)
			if got, want := len(b.Messages())-before, 60*c.sensors; got < want-c.window || got > want+c.window {
				t.Errorf("window %d, %d sensors: got %d messages for %d readings", c.window, c.sensors, got, want)
			}
			r.stop()
		})
	}
}
