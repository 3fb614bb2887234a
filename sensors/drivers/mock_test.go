package drivers

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

func TestMockValuesAreGapless(t *testing.T) {
	tests := []struct {
		name, script string
		want         []any // a value or an outcome for each reading
	}{
		{"without a script", "", []any{1.5, 2.0, 3.0, 1.5}},
		{"steps repeat after the end", "ok*2, crc", []any{1.5, 2.0, "crc", 3.0, 1.5, "crc", 2.0}},
		{"rejections", "crc, power-on-85, zero, ok", []any{"crc", "power-on", "all-zero", 1.5, "crc"}},
		{"unplugged in between", "ok, unplug*2, ok", []any{1.5, errUnplugged.Error(), errUnplugged.Error(), 2.0, 3.0}},
		{"a frozen probe", "ok*2, stuck*3", []any{1.5, 2.0, 2.0, 2.0, 2.0, 3.0, 1.5, 1.5}},
		{"frozen from the start", "stuck*2, ok", []any{1.5, 1.5, 1.5, 1.5, 1.5, 2.0}},
		{"a spike does not become the frozen value", "ok, spike, stuck, ok", []any{1.5, 42.0, 1.5, 2.0}},
		{"out of range", "out-of-range, ok", []any{1840.0, 1.5}},
		{"spaces are free", "  ok ,crc*2,ok", []any{1.5, "crc", "crc", 2.0}},
		{"slow ones are good", "slow=2s*2, hang=30s", []any{1.5, 2.0, "no answer for 30s", 3.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := configured(t, "mock", Host{}, map[string]any{"values": []any{1.5, int64(2), 3.0}, "script": tt.script})
				if p.Bus != "mock outside" {
					t.Errorf("got bus %q, want %q", p.Bus, "mock outside")
				}
				s := opened(t, p)
				for i, want := range tt.want {
					values, err := s.Read(t.Context())
					got := any(outcome(err))
					var r *sensors.Rejection
					if err == nil {
						got = values[0].Value
					} else if !errors.As(err, &r) {
						// Until it is opened again, it is gone, and no step is used up.
						if _, again := s.Read(t.Context()); again != errUnplugged {
							t.Errorf("reading %d: got %v, want %v", i, again, errUnplugged)
						}
						s.Close()
						s = opened(t, p)
					}
					if got != want {
						t.Errorf("reading %d: got %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

func TestMockNaN(t *testing.T) {
	s := opened(t, configured(t, "mock", Host{}, map[string]any{"script": "nan"}))
	if got := read(t, s)[0].Value; !math.IsNaN(got) {
		t.Errorf("got %v, want NaN", got)
	}
}

func TestMockTakesItsTime(t *testing.T) {
	tests := []struct {
		name, script string
		limit        time.Duration // 0: none
		want         time.Duration
		outcome      string
	}{
		{"slow", "slow=2s", 0, 2 * time.Second, ""},
		{"slow and stopped", "slow=2s", time.Second, time.Second, "context deadline exceeded"},
		{"hung for a time", "hang=9s", 0, 9 * time.Second, "no answer for 9s"},
		{"hung for a time and stopped", "hang=9s", time.Second, time.Second, "context deadline exceeded"},
		{"hung for ever and stopped", "hang", time.Hour, time.Hour, "context deadline exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tt.limit > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.limit)
					defer cancel()
				}
				s := opened(t, configured(t, "mock", Host{}, map[string]any{"script": tt.script}))
				start := time.Now()
				_, err := s.Read(ctx)
				if got := time.Since(start); got != tt.want || outcome(err) != tt.outcome {
					t.Errorf("got %v and %q, want %v and %q", got, outcome(err), tt.want, tt.outcome)
				}
			})
		})
	}
}

func day(t *testing.T, options map[string]any) (values []float64) {
	synctest.Test(t, func(t *testing.T) { // its clock starts at midnight UTC
		s := opened(t, configured(t, "mock", Host{}, options))
		for range 24 {
			values = append(values, read(t, s)[0].Value)
			time.Sleep(time.Hour)
		}
	})
	return values
}

func TestMockCurve(t *testing.T) {
	equal := func(a, b []float64) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	seven := day(t, map[string]any{"seed": int64(7)})
	if again := day(t, map[string]any{"seed": int64(7)}); !equal(seven, again) {
		t.Errorf("the same seed: got %v and %v, want the same", seven, again)
	}
	if eight := day(t, map[string]any{"seed": int64(8)}); equal(seven, eight) {
		t.Errorf("another seed: got the same %v, want another", eight)
	}
	for hour, want := range map[int]float64{4: 15, 16: 25} {
		if got := seven[hour]; math.Abs(got-want) > 1 {
			t.Errorf("at %d o'clock: got %v, want about %v", hour, got, want)
		}
	}
	flat := day(t, map[string]any{"baseline": -4.25, "amplitude": int64(0), "noise": 0.0})
	for hour, got := range flat {
		if got != -4.25 {
			t.Errorf("without amplitude and noise, at %d o'clock: got %v, want -4.25", hour, got)
		}
	}
	if got := day(t, map[string]any{"quantities": []any{"humidity"}, "amplitude": 0.0, "noise": 0.0})[3]; got != 50 {
		t.Errorf("humidity without a baseline: got %v, want 50", got)
	}
	if got := day(t, map[string]any{"quantities": []any{"humidity"}, "baseline": 20.0, "amplitude": 0.0, "noise": 0.0})[3]; got != 20 {
		t.Errorf("humidity with the baseline that is another's default: got %v, want 20", got)
	}
	hourly := day(t, map[string]any{"period": "1h", "noise": 0.0})
	for hour, got := range hourly {
		if got != hourly[0] {
			t.Errorf("a period of 1 h, at %d o'clock: got %v, want %v", hour, got, hourly[0])
		}
	}
}

func TestMockNamesGiveSeeds(t *testing.T) {
	value := func(name string) float64 {
		p, errs := mock.Configure(Host{}, name, map[string]any{"amplitude": 0.0})
		if errs != nil {
			t.Fatal(errs)
		}
		return read(t, opened(t, p))[0].Value
	}
	synctest.Test(t, func(t *testing.T) {
		if value("a") == value("b") {
			t.Error("got the same value from two names, want two")
		}
		if value("a") != value("a") {
			t.Error("got two values from one name, want the same")
		}
	})
}

func TestMockNoise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, configured(t, "mock", Host{}, map[string]any{"amplitude": 0.0, "noise": 1.0}))
		var sum, squares float64
		const n = 10000
		for range n {
			v := read(t, s)[0].Value - 20
			sum, squares = sum+v, squares+v*v
			time.Sleep(10 * time.Second)
		}
		if mean := sum / n; math.Abs(mean) > 0.05 {
			t.Errorf("got a mean of %v, want 0", mean)
		}
		if dev := math.Sqrt(squares / n); math.Abs(dev-1) > 0.05 {
			t.Errorf("got a deviation of %v, want 1", dev)
		}
	})
}

func TestMockQuantities(t *testing.T) {
	p := configured(t, "mock", Host{}, map[string]any{
		"quantities": []any{"co2", "temperature", "humidity", "pressure"},
		"values":     []any{400.0, 800.0}, "script": "ok*2, spike, stuck, out-of-range",
	})
	s := opened(t, p)
	between := func(values []sensors.Measurement, low, high []float64) {
		t.Helper()
		for i, q := range p.Quantities {
			if values[i].Quantity != q.Name || values[i].Value < low[i] || values[i].Value > high[i] {
				t.Errorf("got %v, want %s from %v to %v", values[i], q.Name, low[i], high[i])
			}
		}
	}
	between(read(t, s), []float64{400, 14, 38, 1010}, []float64{400, 26, 62, 1017})
	between(read(t, s), []float64{800, 14, 38, 1010}, []float64{800, 26, 62, 1017})
	between(read(t, s), []float64{4400, 54, 0, 1050}, []float64{4400, 66, 100, 1057})
	between(read(t, s), []float64{800, 14, 38, 1010}, []float64{800, 26, 62, 1017})
	for i, m := range read(t, s) {
		if m.Value <= p.Quantities[i].Max {
			t.Errorf("got %v, want more than %v", m, p.Quantities[i].Max)
		}
	}
}

// A spike stays possible: where there is no room above, it goes down.
func TestMockSpikeStaysInRange(t *testing.T) {
	for baseline, want := range map[float64]float64{30: 70, 60: 100, 61: 21, 90: 50} {
		s := opened(t, configured(t, "mock", Host{}, map[string]any{
			"quantities": []any{"humidity"}, "baseline": baseline, "amplitude": 0.0, "noise": 0.0, "script": "spike",
		}))
		if got := read(t, s)[0].Value; got != want {
			t.Errorf("from %v: got %v, want %v", baseline, got, want)
		}
	}
}

// What a reading gave stays as it is, whatever is read after it.
func TestMockDoesNotReuseValues(t *testing.T) {
	s := opened(t, configured(t, "mock", Host{}, map[string]any{"values": []any{1.0, 2.0}, "script": "ok, stuck, ok"}))
	first := read(t, s)
	second := read(t, s)
	second[0].Value = 99
	third := read(t, s)
	if first[0].Value != 1 || third[0].Value != 2 {
		t.Errorf("got %v and %v, want 1 and 2", first[0].Value, third[0].Value)
	}
}
