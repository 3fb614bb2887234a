package main

import (
	"testing"
	"time"

	"sensorpub/publisher/brokertest"
)

// promptly is how soon after a broker accepts connections again the first
// reading of an outage of up to 2 s arrives.
const promptly = 1500 * time.Millisecond

// Ten daemons lose their brokers at once and get them back one after another,
// so that a broker comes back at any moment of the pauses between attempts.
// Their sessions were short, after which the pauses are longer than after one
// of 10 s.
func TestAfterAShortOutageTheReplayBeginsAtOnce(t *testing.T) {
	t.Parallel()
	const n = 10
	brokers := make([]*brokertest.Broker, n)
	for i := range brokers {
		b := brokertest.Start(t)
		brokers[i] = b
		startDaemon(t, brokerConfig(b.URL())+"[publish]\nencoding = \"json\"\n"+
			sensor("outside", `interval = "100ms"`, "options = { values = [28.4] }"))
	}
	for _, b := range brokers {
		b.Await("a reading", patience, func() bool { return len(b.Acknowledged()) > 2 })
	}
	before := make([]int, n)
	for i, b := range brokers {
		b.Kill()
		before[i] = len(b.Messages())
	}
	killed := time.Now()
	up := make([]time.Time, n)
	for i, b := range brokers {
		time.Sleep(time.Until(killed.Add(time.Duration(i+1) * 2 * time.Second / (n + 1))))
		b.Start(t)
		up[i] = time.Now()
	}
	for i, b := range brokers {
		b.Await("a reading of the outage", patience, func() bool { return replayed(b, before[i]) != nil })
		took := replayed(b, before[i]).At.Sub(up[i])
		if took > promptly*slowdown {
			t.Errorf("broker %d, down for %v: the replay began after %v, want %v", i, up[i].Sub(killed), took, promptly*slowdown)
		}
		t.Logf("down for %v: the replay began after %v", up[i].Sub(killed), took)
	}
}

// replayed returns the first reading from a message on that is not the newest
// of its topic, or nil.
func replayed(b *brokertest.Broker, from int) *brokertest.Message {
	for _, m := range b.Messages()[from:] {
		if m.Topic == liveTopic && !m.Retain {
			return &m
		}
	}
	return nil
}
