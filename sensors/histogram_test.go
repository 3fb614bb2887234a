package sensors

import (
	"testing"
	"time"
)

func TestHistogramCountsByLength(t *testing.T) {
	h := new(Histogram)
	for _, d := range []time.Duration{-time.Second, 0, time.Millisecond, time.Millisecond + 1, 100 * time.Millisecond, 10 * time.Second, time.Hour} {
		h.Observe(d)
	}
	var want Distribution
	want.Counts[0], want.Counts[1], want.Counts[6], want.Counts[12], want.Counts[13] = 3, 1, 1, 1, 1
	want.Sum = time.Hour + 9*time.Second + 102*time.Millisecond + 1
	if got := h.Distribution(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var none *Histogram
	none.Observe(time.Second)
	if got := none.Distribution(); got != (Distribution{}) {
		t.Errorf("got %+v of none", got)
	}
}
