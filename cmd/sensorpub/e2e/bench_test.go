package e2e

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkStartToFirstPuback starts the daemon and waits until Mosquitto
// acknowledges its first reading.
func BenchmarkStartToFirstPuback(b *testing.B) {
	m := startMosquitto(b)
	front := newRelay(b, m.addr).start()
	config := configFile(b, brokerConfig("mqtt://"+front.addr)+once("outside", 28.4))
	var took []float64
	for b.Loop() {
		begin := time.Now()
		d := start(b, prepare(b, nil, "run", "--config", config))
		awaitPuback(b, front, len(took)+1)
		took = append(took, float64(time.Since(begin).Microseconds())/1000)
		d.stop()
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "ms/first-puback")
	b.ReportMetric(0, "ns/op")
}

// awaitPuback waits for the acknowledgement of a reading on a connection.
func awaitPuback(b *testing.B, r *relay, link int) {
	for {
		all, changed := r.now()
		if slices.ContainsFunc(all, func(p passage) bool { return p.link == link && p.topic == liveTopic && p.acked }) {
			return
		}
		select {
		case <-changed:
		case <-time.After(patience):
			b.Fatal("no PUBACK")
		}
	}
}
