package publisher

import (
	"testing"

	"sensorpub/sensors"
)

func TestNewestReadingOfEachRoute(t *testing.T) {
	route := func(sensor, unit string) Route {
		return Route{Sensor: sensor, Quantity: "temperature", Topic: sensor, Unit: unit, Encoder: Text{Precision: 1}, QoS: 1, Retain: true}
	}
	q := NewQueue([]Route{route("a", "°C"), route("b", "°F"), route("c", "°C")}, Limits{9, DropOldest, Replay, 0})
	put := func(sensor string, celsius float64) {
		t.Helper()
		r := sensors.Reading{Sensor: sensor, Quantity: "temperature", Value: celsius, Unit: "°C"}
		if err := q.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	put("b", 1)
	put("a", 2)
	put("b", 100)
	q.Connected()
	for {
		d, ok := q.Next(true)
		if !ok {
			break
		}
		q.Ack(d)
	}
	put("a", 3)
	got := q.Newest()
	if len(got) != 2 || got[0].Route.Topic != "a" || got[1].Route.Topic != "b" {
		t.Fatalf("got %+v, want those of a and b", got)
	}
	if a := got[0]; a.Reading.Value != 3 || a.Reading.Unit != "°C" || !a.Waits {
		t.Errorf("got %+v, want 3 °C, waiting", a)
	}
	if b := got[1]; b.Reading.Value != 212 || b.Reading.Unit != "°F" || b.Waits {
		t.Errorf("got %+v, want 212 °F, acknowledged", b)
	}
	q.Reconfigure([]Route{route("b", "°C")}, Limits{9, DropOldest, Replay, 0})
	if got := q.Newest(); len(got) != 1 || got[0].Reading.Value != 100 {
		t.Errorf("got %+v after the removal of a, want 100 °C of b only", got)
	}
}
