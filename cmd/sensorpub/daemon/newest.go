package daemon

import (
	"context"
	"maps"
	"sync"

	"sensorpub/publisher"
	"sensorpub/sensors"
)

// newest passes readings on to the queue and remembers the newest of each
// series.
type newest struct {
	sensors.Sink

	mu       sync.Mutex
	readings map[series]sensors.Reading
}

// A series is one quantity of one sensor.
type series struct{ sensor, quantity string }

// Put implements [sensors.Sink].
func (n *newest) Put(ctx context.Context, r sensors.Reading) error {
	err := n.Sink.Put(ctx, r)
	if err == nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.readings[series{r.Sensor, r.Quantity}] = r
	}
	return err
}

// of returns the newest readings of these routes.
func (n *newest) of(routes []publisher.Route) (found []Reading) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, route := range routes {
		if r, ok := n.readings[series{route.Sensor, route.Quantity}]; ok {
			found = append(found, Reading{route.Convert(r), route})
		}
	}
	return found
}

// keep forgets the readings of every sensor for which keep returns false.
func (n *newest) keep(keep func(sensor string) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	maps.DeleteFunc(n.readings, func(s series, _ sensors.Reading) bool { return !keep(s.sensor) })
}
