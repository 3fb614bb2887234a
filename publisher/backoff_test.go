package publisher

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
