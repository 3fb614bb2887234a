package mqtt

import (
	"testing"
	"time"
)

// A connection that breaks again and again is made again soon, so that what was
// read meanwhile begins to arrive within 1.5 s, and less than once a second.
func TestPausesWhereUsefulSessionsBreakEarly(t *testing.T) {
	now := time.Now()
	var sum, n time.Duration
	for r := range 100 {
		b := backoff{rand: func() float64 { return float64(r) / 100 }}
		for streak := range 20 {
			b.lost(now, false, true)
			pause := b.afterLoss(true)
			if pause > 1350*time.Millisecond {
				t.Errorf("session %d: got a pause of %v, want 1.35 s at most", streak+1, pause)
			}
			if streak > 0 {
				sum, n = sum+pause, n+1
			}
			now = now.Add(2 * time.Second)
		}
	}
	if sum/n <= time.Second {
		t.Errorf("got %v on average, want more than a second", sum/n)
	}
}

func TestBackoff(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	b := backoff{since: start, rand: func() float64 { return 0.999 }}
	for _, c := range []struct{ outage, want time.Duration }{
		{0, minPause}, {8 * time.Second, time.Second}, {2 * time.Minute, 15 * time.Second}, {time.Hour, maxPause},
	} {
		got := b.afterFailure(start.Add(c.outage))
		if got > c.want || got < c.want*6/10 {
			t.Errorf("after %v: got %v, want up to a third less than %v", c.outage, got, c.want)
		}
	}
	b.refused = true
	if got := b.afterFailure(start); got < refusedPause {
		t.Errorf("refused credentials: got %v, want %v at least", got, refusedPause)
	}
}

// A session without an acknowledgement ends at another time at each client, but the
// outage that may follow ends for all of them at once.
func TestOnlyTheFirstPauseAfterAUselessSessionIsShort(t *testing.T) {
	now := time.Now()
	b := backoff{several: true, rand: func() float64 { return 0.999 }}
	b.lost(now, false, false)
	if got := b.afterLoss(false); got > 2*minPause {
		t.Errorf("after the loss: got %v, want %v at most", got, 2*minPause)
	}
	if got := b.afterFailure(now.Add(time.Second)); got < roundSpread*9/10 {
		t.Errorf("after a failure: got %v, want about %v", got, roundSpread)
	}
}
