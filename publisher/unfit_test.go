package publisher

import (
	"context"
	"math"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/sensors"
)

func TestReadingsThatCannotBeEncodedAreAFewLogLines(t *testing.T) {
	bubble(t, "many in a row, then now and then", func(t *testing.T, b *mqtttest.Broker, r *rig) {
		r.start()
		put := func(sensor string, value float64) {
			reading := sensors.Reading{Sensor: sensor, Quantity: "temperature", Value: value, Time: time.Now()}
			if err := r.queue.Put(context.Background(), reading); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		want := func(when, text string, n int) {
			t.Helper()
			if lines := r.log.Lines(text); len(lines) != n {
				t.Errorf("%s: got %q, want %d of them", when, lines, n)
			}
		}
		for range 1000 {
			put("a", math.NaN())
		}
		want("after 1000", "level=WARN msg=\"reading cannot be encoded\" sensor=a quantity=temperature cause=", 1)
		put("b", 20) // is not an end of it
		want("after another sensor's", "encoded again", 0)
		put("a", 20)
		want("after a good one", "level=INFO msg=\"readings can be encoded again\" sensor=a quantity=temperature failures=1000 after=16m", 1)
		put("b", math.NaN())
		want("of another sensor", "level=WARN msg=\"reading cannot be encoded\" sensor=b", 1)
		for range 100 { // rows of one: the 2nd to the 101st
			put("a", math.NaN())
			put("a", 20)
		}
		want("after 100 rows", "msg=\"reading cannot be encoded\" sensor=a", 7)
		want("after 100 rows", "msg=\"readings can be encoded again\" sensor=a", 7)
		r.stop()
		r.wantAccount("read 1203 = acknowledged 102 + superseded 0 + rejected 1101 (encoding 1101) + dropped 0 + queued 0")
	})
}
