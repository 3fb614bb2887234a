package publisher

import (
	"testing"

	"sensorpub/sensors"
)

// BenchmarkReading is the way of one reading through the queue: accepted, sent
// and acknowledged, with and without the decisions that explain shows.
func BenchmarkReading(b *testing.B) {
	for name, trace := range map[string]bool{"untraced": false, "traced": true} {
		b.Run(name, func(b *testing.B) {
			q := NewQueue([]Route{{Sensor: "outside", Quantity: "temperature", Topic: "t", Unit: "°C", QoS: 1, Retain: true}}, Limits{1024, DropOldest, Replay, 0})
			if trace {
				q.Trace()
			}
			q.Connected()
			r := sensors.Reading{Sensor: "outside", Quantity: "temperature", Unit: "°C"}
			b.ReportAllocs()
			for b.Loop() {
				r.Value++
				if err := q.Put(b.Context(), r); err != nil {
					b.Fatal(err)
				}
				d, ok := q.Next(true)
				if !ok {
					b.Fatal("there is nothing to send")
				}
				q.Ack(d)
			}
		})
	}
}
