package sensors

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// outcome sends values, one every ten seconds, through a pipeline, and returns
// what becomes of each: the value published, or the reason why there is none.
func outcome(s Signal, values ...float64) string {
	c := newPipeline(Temperature.Within(-55, 125), s, 10*time.Second)
	var words []string
	at := time.Unix(1_700_000_000, 0)
	for _, v := range values {
		at = at.Add(10 * time.Second)
		if got, bad := c.next(v, at); bad != nil {
			words = append(words, string(bad.Reason))
		} else {
			words = append(words, fmt.Sprint(got))
		}
	}
	return strings.Join(words, " ")
}

func limits(low, high float64) Filter { return Filter{Min: &low, Max: &high} }

func TestSignal(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		signal Signal
		values []float64
		want   string
	}{
		{"nothing is done to what is plausible", Signal{}, []float64{20, -55, 125, 20}, "20 -55 125 20"},
		{"what the probe cannot have measured is rejected", Signal{}, []float64{125.1, nan, -300}, "range not-a-number range"},
		{
			"the probe's range is that of raw values, the filter's that of calibrated ones",
			Signal{Calibration: Calibration{Offset: 100}, Filter: limits(90, 200)},
			[]float64{-20, 20, 110, 126},
			"range 120 range range",
		},
		{"what a calibration makes infinite is rejected", Signal{Calibration: Calibration{Gain: math.MaxFloat64}}, []float64{2}, "not-a-number"},
		{"a spike is rejected", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, 60, 21, -20, 21}, "20 step 21 step 21"},
		{"a step is published with its second value", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, 60, 62, 60}, "20 step 62 60"},
		{"spikes in opposite directions are not a step", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, 60, -20, 20}, "20 step step 20"},
		{"a spike does not hide a step", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, 40, 80, 40, 40}, "20 step step 40 40"},
		{"a step by max_step is none", Signal{Filter: Filter{MaxStep: 0.1}}, []float64{20.4, 20.3, 20.2}, "20.4 20.3 20.2"},
		{"what goes back was a spike", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, 60, 20, 60, 20}, "20 step 20 step 20"},
		{
			"a step may have to be confirmed more than once",
			Signal{Filter: Filter{MaxStep: 5, Confirmations: 3}},
			[]float64{20, 40, 41, 20, 40, 44, 48, 52},
			"20 step step 20 step step step 52",
		},
		{"a ramp that is too steep waits for its end", Signal{Filter: Filter{MaxStep: 1}}, []float64{20, 22, 24, 26, 26}, "20 step step step 26"},
		{"a rejected value is not the one before", Signal{Filter: Filter{MaxStep: 5}}, []float64{20, nan, 126, 24}, "20 not-a-number range 24"},
		{"a median drops a spike", Signal{Filter: Filter{Median: 3}}, []float64{20, 21, 60, 22, 23, 23}, "20 20 21 22 23 23"},
		{"an average goes part of the way", Signal{Filter: Filter{EMA: 0.5}}, []float64{20, 24, 24, 24}, "20 22 23 23.5"},
		{"a confirmed step is not smoothed away", Signal{Filter: Filter{MaxStep: 5, Median: 5}}, []float64{20, 20, 60, 61, 61}, "20 20 step 61 61"},
		{"nor averaged", Signal{Filter: Filter{MaxStep: 5, EMA: 0.1}}, []float64{20, 60, 60, 60}, "20 step 60 60"},
		{"a deadband holds back what hardly differs", Signal{Filter: Filter{Deadband: 0.1}}, []float64{20.4, 20.45, 20.35, 20.3, 20.21, 20.2}, "20.4 deadband deadband 20.3 deadband 20.2"},
		{
			"a deadband compares with what was published last",
			Signal{Filter: Filter{Deadband: 1}},
			[]float64{20, 20.5, 20.9, 21, 21.9},
			"20 deadband deadband 21 deadband",
		},
		{
			"a heartbeat publishes it all the same",
			Signal{Filter: Filter{Deadband: 1, Heartbeat: 30 * time.Second}},
			[]float64{20, 20, 20, 20, 20, 20, 20},
			"20 deadband deadband 20 deadband deadband 20",
		},
		{
			"a heartbeat is never late",
			Signal{Filter: Filter{Deadband: 1, Heartbeat: 25 * time.Second}},
			[]float64{20, 20, 20, 20, 20},
			"20 deadband 20 deadband 20",
		},
		{
			"the steps come in their order",
			Signal{
				Calibration: Calibration{Gain: 2, Offset: 1},
				Filter:      Filter{Min: new(float64), MaxStep: 10, EMA: 0.5, Deadband: 1},
			},
			[]float64{10, -1, 11, 30, 11.2, 11},
			"21 range 22 step deadband deadband",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(tt.signal, tt.values...); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRejectionsSayWhatWasFound(t *testing.T) {
	f := limits(-40, 60)
	f.MaxStep, f.Deadband = 5, 1
	c := newPipeline(Temperature, Signal{Filter: f}, time.Second)
	at := time.Unix(1_700_000_000, 0)
	for _, tt := range []struct {
		value float64
		want  string
	}{
		{70, "rejected (range): temperature is 70 °C, max is 60"},
		{-40.5, "rejected (range): temperature is -40.5 °C, min is -40"},
		{20, ""},
		{30, "rejected (step): temperature went from 20 to 30 °C, max_step is 5"},
		{20.5, "rejected (deadband): temperature is 20.5 °C, within the deadband of 20"},
	} {
		got := ""
		if _, bad := c.next(tt.value, at); bad != nil {
			got = bad.Error()
		}
		if got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// After a long absence, what was known before says nothing about the present.
func TestFirstValueAfterAGapIsAccepted(t *testing.T) {
	f := Filter{MaxStep: 5, EMA: 0.1, Deadband: 100}
	for _, tt := range []struct {
		gap  time.Duration
		want string
	}{
		{100 * time.Second, "step"},
		{101 * time.Second, "60"},
	} {
		c := newPipeline(Temperature, Signal{Filter: f}, 10*time.Second)
		at := time.Unix(1_700_000_000, 0)
		c.next(20, at)
		got := "60"
		if v, bad := c.next(60, at.Add(tt.gap)); bad != nil {
			got = string(bad.Reason)
		} else if v != 60 {
			t.Errorf("got %v, want it neither averaged nor held back", v)
		}
		if got != tt.want {
			t.Errorf("after %v: got %s, want %s", tt.gap, got, tt.want)
		}
	}
}

// Whatever the values: what is published lies between the least and the
// greatest of those accepted, a median is one of them, every value is either
// published or rejected for a reason, and a level that lasts is published.
func TestSignalInventsNothing(t *testing.T) {
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		f := Filter{MaxStep: 10 * rnd.Float64(), Confirmations: rnd.IntN(4)}
		f.Median = []int{0, 1, 3, 5, 9}[rnd.IntN(5)]
		if f.Median == 0 {
			f.EMA = rnd.Float64()
		}
		c := newPipeline(Temperature.Within(-55, 125), Signal{Filter: f}, time.Second)
		var accepted []float64
		at, level := time.Unix(1_700_000_000, 0), 20.0
		for range 300 {
			at = at.Add(time.Second)
			if rnd.IntN(20) == 0 {
				level = 150*rnd.Float64() - 50
			}
			v := level + rnd.NormFloat64()
			if rnd.IntN(10) == 0 {
				v += 80*rnd.Float64() - 40
			}
			got, bad := c.next(v, at)
			if bad != nil {
				continue
			}
			accepted = append(accepted, v)
			if least, greatest := slices.Min(accepted), slices.Max(accepted); got < least || got > greatest {
				t.Fatalf("seed %d: got %v, want it from %v to %v", seed, got, least, greatest)
			}
			if f.Median > 0 && !slices.Contains(accepted, got) {
				t.Fatalf("seed %d: got a median of %v, want one of the values", seed, got)
			}
		}
		for range max(f.Confirmations, 1) + 2*f.Median + 1 {
			at = at.Add(time.Second)
			c.next(level, at)
		}
		if got, bad := c.next(level, at.Add(time.Second)); bad != nil || f.EMA == 0 && got != level {
			t.Fatalf("seed %d: got %v (%v), want the level %v that has lasted", seed, got, bad, level)
		}
	}
}

func TestOutputHasTheRangeAfterCalibrationAndFilter(t *testing.T) {
	low := -20.0
	for _, tt := range []struct {
		name   string
		signal Signal
		want   Quantity
	}{
		{"as it is", Signal{}, Temperature.Within(-40, 100)},
		{"calibrated and limited", Signal{Calibration: Calibration{Gain: 2}, Filter: Filter{Min: &low}}, Temperature.Within(-20, 200)},
	} {
		if got := tt.signal.Output(Temperature.Within(-40, 100)); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
