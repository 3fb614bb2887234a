package sensors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneLineBadAndOneLineGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if 1 <= n && n <= 3 {
				return nil, fmt.Errorf("%w number %d", errIO, n)
			}
			return celsius(20), nil
		}
		r := run(t, &store{}, a)
		r.until(a, 30*time.Second+500*time.Millisecond)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: input/output error number 1"`,
			`level=INFO msg="sensor available again" sensor=a failures=3 after=7s`)
		want := Status{Sensor: "a", Driver: "fake", Good: a.start.Add(30 * time.Second), Failed: map[string]uint64{"read": 3}}
		if s := r.status("a"); !reflect.DeepEqual(s, want) {
			t.Errorf("got %+v, want %+v", s, want)
		}
		wantTimes(t, "opened", a.times(&a.opened), seconds(0, 2, 4, 8)) // at 1, 2 and 4 it failed
		wantTimes(t, "closed", a.times(&a.closed), seconds(1, 2, 4))
		if got := a.times(&a.began); len(got) != 27 {
			t.Errorf("got %d readings, want 27", len(got))
		}
	})
}

func TestReopeningBacksOffToAMinute(t *testing.T) {
	tests := []struct {
		name     string
		interval float64
		want     []time.Duration
	}{
		{"every second", 1, seconds(0, 1, 3, 7, 15, 31, 63, 123, 183, 243)},
		{"every ten seconds", 10, seconds(0, 10, 30, 70, 130, 190, 250)},
		{"every 25 seconds", 25, seconds(0, 25, 75, 125, 175, 225, 275)},
		{"every 35 seconds", 35, seconds(0, 35, 70, 105, 140, 175, 210, 245, 280)},
		{"every two minutes", 120, seconds(0, 120, 240)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", bus: "1", interval: seconds(tt.interval)[0], open: func(int) error { return errIO }}
				r := run(t, &store{}, a)
				r.until(a, 299*time.Second)
				wantTimes(t, "opened", a.times(&a.opened), tt.want)
				wantLines(t, r.lines(), `level=WARN msg="sensor unavailable" sensor=a cause="open: input/output error"`)
				if got := r.status("a").Failures; got != len(tt.want) {
					t.Errorf("got %d failures, want %d", got, len(tt.want))
				}
			})
		})
	}
}

// A probe that opens but fails to read backs off too; a good reading ends it.
func TestReadFailuresBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := map[int]bool{4: true}
		a := &fake{name: "a", bus: "1", interval: time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if good[n] {
				return celsius(20), nil
			}
			return nil, errIO
		}
		r := run(t, &store{}, a)
		r.until(a, 19*time.Second+500*time.Millisecond)
		wantTimes(t, "opened", a.times(&a.opened), seconds(0, 1, 3, 7, 15, 17, 19))
		wantTimes(t, "read", a.times(&a.began), seconds(0, 1, 3, 7, 15, 16, 17, 19))
	})
}

func TestValuesAreJudgedOneByOne(t *testing.T) {
	tests := []struct {
		name     string
		values   []float64 // temperature, humidity
		taken    []float64
		rejected []string
		cause    string
	}{
		{"both good", []float64{-55, 100}, []float64{-55, 100}, nil, ""},
		{"one too high", []float64{125.0625, 50}, []float64{50}, []string{"a temperature range"}, "temperature is 125.0625 °C, the range is -55 to 125"},
		{"one too low", []float64{20, -0.1}, []float64{20}, []string{"a humidity range"}, "humidity is -0.1 %, the range is 0 to 100"},
		{"0 K", []float64{-273.15, 50}, []float64{50}, []string{"a temperature range"}, "temperature is -273.15 °C, the range is -55 to 125"},
		{"not a number", []float64{math.NaN(), 50}, []float64{50}, []string{"a temperature not-a-number"}, "temperature is NaN"},
		{"infinite", []float64{20, math.Inf(-1)}, []float64{20}, []string{"a humidity not-a-number"}, "humidity is -Inf"},
		{"both bad", []float64{math.NaN(), 101}, nil, []string{"a temperature not-a-number", "a humidity range"}, "humidity is 101 %, the range is 0 to 100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", bus: "1", interval: time.Minute, also: []Quantity{Humidity}}
				a.read = func(int) ([]Measurement, error) {
					time.Sleep(2 * time.Second)
					return []Measurement{{"temperature", tt.values[0]}, {"humidity", tt.values[1]}}, nil
				}
				r := run(t, &store{}, a)
				r.until(a, 3*time.Second)
				var taken []float64
				for _, got := range r.sink.readings {
					taken = append(taken, got.Value)
					unit := map[string]string{"temperature": "°C", "humidity": "%"}[got.Quantity]
					if got.Sensor != "a" || got.Unit != unit || got.Time.Sub(a.start) != 2*time.Second || got.Seq != 0 {
						t.Errorf("got %+v, want it from a, in %s, 2 s after the start, not numbered", got, unit)
					}
				}
				if !slices.Equal(taken, tt.taken) || !slices.Equal(r.sink.rejected, tt.rejected) {
					t.Errorf("got %v and rejected %q, want %v and %q", taken, r.sink.rejected, tt.taken, tt.rejected)
				}
				s := r.status("a")
				if want := tt.cause; want == "" && s.Cause != "" || want != "" && s.Cause != "rejected ("+reasonOf(tt.rejected)+"): "+want {
					t.Errorf("got cause %q, want %q", s.Cause, want)
				}
				if len(a.times(&a.closed)) != 0 {
					t.Error("got it closed, want it left open")
				}
			})
		})
	}
}

// reasonOf returns the reason at the end of the last rejection.
func reasonOf(rejected []string) string {
	var sensor, quantity, reason string
	fmt.Sscan(rejected[len(rejected)-1], &sensor, &quantity, &reason)
	return reason
}

// A rejection counts for each quantity of the probe, and the probe stays open.
func TestRejectionDoesNotReopen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, also: []Quantity{Humidity}}
		a.read = func(n int) ([]Measurement, error) {
			if n < 2 {
				return nil, fmt.Errorf("a driver's words: %w", &Rejection{CRC, "4b is not 1c"})
			}
			return []Measurement{{"temperature", 20}, {"humidity", 50}}, nil
		}
		r := run(t, &store{}, a)
		r.until(a, 25*time.Second)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: a driver's words: rejected (crc): 4b is not 1c"`,
			`level=INFO msg="sensor available again" sensor=a failures=2 after=20s`)
		wantTimes(t, "opened", a.times(&a.opened), seconds(0))
		wantTimes(t, "closed", a.times(&a.closed), nil)
		wantTimes(t, "read", a.times(&a.began), seconds(0, 10, 20))
		want := []string{"a temperature crc", "a humidity crc", "a temperature crc", "a humidity crc"}
		if !slices.Equal(r.sink.rejected, want) || len(r.sink.readings) != 2 {
			t.Errorf("got %q and %d readings, want %q and 2", r.sink.rejected, len(r.sink.readings), want)
		}
	})
}

func TestMissingValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, also: []Quantity{Humidity}}
		a.read = func(int) ([]Measurement, error) { return celsius(20), nil }
		r := run(t, &store{}, a)
		r.until(a, 5*time.Second)
		wantLines(t, r.lines(), `level=WARN msg="sensor unavailable" sensor=a cause="read: got no humidity"`)
		if len(r.sink.readings) != 0 {
			t.Errorf("got %v, want none", r.sink.readings)
		}
	})
}

// A sink that blocks, as the user may ask for, holds its bus. That is not a fault
// of the probe, and of no other bus.
func TestBlockedSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		b := &fake{name: "b", bus: "2", interval: 15 * time.Second}
		sink := &store{put: func(_ context.Context, r Reading) error {
			if r.Sensor == "a" && r.Time.Sub(a.start) == 10*time.Second {
				time.Sleep(45 * time.Second)
			}
			return nil
		}}
		r := run(t, sink, a, b)
		r.until(a, 74*time.Second)
		wantTimes(t, "a", a.times(&a.began), seconds(0, 10, 55, 60, 70))
		wantTimes(t, "b", b.times(&b.began), seconds(0, 15, 30, 45, 60))
		wantLines(t, r.lines())
		if s := r.status("a"); s.Missed != 3 || s.Failures != 0 {
			t.Errorf("got %+v, want 3 missed and no failure", s)
		}
	})
}

func TestStopClosesProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		b := &fake{name: "b", bus: "1", interval: 10 * time.Second, open: func(int) error { return errIO }}
		c := &fake{name: "c", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, a, b, c)
		r.until(a, 15*time.Second)
		r.end()
		wantTimes(t, "a closed", a.times(&a.closed), seconds(15))
		wantTimes(t, "b closed", b.times(&b.closed), nil)
		wantTimes(t, "c closed", c.times(&c.closed), seconds(15))
		time.Sleep(time.Minute)
		wantTimes(t, "a read", a.times(&a.began), seconds(0, 10))
	})
}

// A read that is under way when all is stopped is waited for; its value is
// offered to the sink, its error is nobody's fault, and no other probe of the
// bus is read.
func TestStopWhileReading(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"a good reading", nil, 1},
		{"a cancelled one", context.Canceled, 0},
		{"a rejected one", &Rejection{CRC, "noise"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
				a.read = func(int) ([]Measurement, error) {
					time.Sleep(8 * time.Second)
					return celsius(20), tt.err
				}
				b := &fake{name: "b", bus: "1", interval: 10 * time.Second}
				r := run(t, &store{}, a, b)
				r.until(a, 5*time.Second)
				r.end()
				if got := time.Since(a.start); got != 8*time.Second {
					t.Errorf("stopped after %v, want 8s", got)
				}
				if got := len(r.sink.readings); got != tt.want {
					t.Errorf("got %d readings, want %d", got, tt.want)
				}
				wantLines(t, r.lines())
				wantTimes(t, "a closed", a.times(&a.closed), seconds(8))
				wantTimes(t, "b opened", b.times(&b.opened), nil)
			})
		})
	}
}

// A Put that is blocked when all is stopped returns with the context.
func TestStopWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, also: []Quantity{Humidity}}
		a.read = func(int) ([]Measurement, error) { return []Measurement{{"temperature", 20}, {"humidity", 50}}, nil }
		puts := 0
		r := run(t, &store{put: func(ctx context.Context, _ Reading) error {
			puts++
			<-ctx.Done()
			return ctx.Err()
		}}, a)
		r.until(a, 5*time.Second)
		r.end()
		if puts != 1 {
			t.Errorf("got %d puts, want 1", puts)
		}
		wantLines(t, r.lines())
	})
}

func TestRejectionText(t *testing.T) {
	err := error(&Rejection{PowerOn, "85 °C"})
	if got, want := err.Error(), "rejected (power-on): 85 °C"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var r *Rejection
	if !errors.As(fmt.Errorf("read: %w", err), &r) || r.Reason != PowerOn {
		t.Errorf("got %v, want it to be found", r)
	}
}
