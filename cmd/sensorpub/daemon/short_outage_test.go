package daemon

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher/mqtt/mqtttest"
)

// promptly is how soon the first reading of an outage of up to 2 s arrives once
// the broker accepts connections again.
const promptly = 1100 * time.Millisecond

// The broker comes back at any moment of the pauses between attempts. The
// session was short, after which the pauses are longer than after one of 10 s.
func TestAfterAShortOutageTheReplayBeginsAtOnce(t *testing.T) {
	const step = 20 * time.Millisecond
	var most time.Duration
	for down := step; down <= 2*time.Second; down += step {
		synctest.Test(t, func(t *testing.T) {
			took := replayAfter(t, down)
			if took > promptly {
				t.Errorf("down for %v: the replay began after %v, want %v", down, took, promptly)
			}
			most = max(most, took)
		})
	}
	t.Logf("the replay began after %v at most", most)
}

// replayAfter stops a daemon's broker for a time and returns how long after its
// return the first reading of the outage arrives.
func replayAfter(t *testing.T, down time.Duration) time.Duration {
	t.Helper()
	s, b := newServed(t, fixture.OneSensor+`interval = "100ms"`)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	defer func() {
		cancel()
		<-ended
	}()
	go func() {
		s.Run(ctx)
		close(ended)
	}()
	time.Sleep(250 * time.Millisecond)
	b.Kill()
	before := len(b.Messages())
	if before < 3 {
		t.Fatalf("got %d messages in a quarter of a second, want three readings", before)
	}
	time.Sleep(down)
	b.Start(t)
	up := time.Now()
	b.Await("a reading of the outage", time.Minute, func() bool { return replayed(b, before) != nil })
	return replayed(b, before).At.Sub(up)
}

// replayed returns the first reading, from the given message on, that is not
// the newest of its topic, or nil.
func replayed(b *mqtttest.Broker, from int) *mqtttest.Message {
	for _, m := range b.Messages()[from:] {
		if m.Topic == liveTopic && !m.Retain {
			return &m
		}
	}
	return nil
}
