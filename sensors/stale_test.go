package sensors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// events makes a sink note, with its time, what it is given.
func events(f *fake) (*store, func(t *testing.T, want ...string)) {
	var got []string
	s := &store{}
	s.put = func(_ context.Context, r Reading) error {
		got = append(got, fmt.Sprintf("%v %s %v", time.Since(f.start), r.Quantity, r.Value))
		return nil
	}
	s.told = func(text string) { got = append(got, fmt.Sprintf("%v %s", time.Since(f.start), text)) }
	return s, func(t *testing.T, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got\n%q\nwant\n%q", got, want)
		}
	}
}

func TestStaleReadingsAreToldOnceAndValuesComeBeforeTheyAreLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 30 * time.Second, stale: time.Minute}
		a.read = func(n int) ([]Measurement, error) {
			if 2 <= n && n <= 5 {
				return nil, &Rejection{CRC, "noise"}
			}
			return celsius(float64(n)), nil
		}
		sink, want := events(a)
		r := run(t, sink, a)
		r.until(a, 200*time.Second)
		want(t, "0s temperature 0", "0s a temperature true", "30s temperature 1",
			"1m35s a temperature false", "3m0s temperature 6", "3m0s a temperature true")
	})
}

func TestAProbeThatNeverAnsweredGoesStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 30 * time.Second, stale: time.Minute, open: func(int) error { return errIO }}
		sink, want := events(a)
		r := run(t, sink, a)
		r.until(a, time.Hour)
		want(t, "1m5s a temperature false")
	})
}

// Of a read that hangs it is not known for how long, so it is told as soon as
// it is noticed, also of the probes that wait behind it.
func TestAProbeThatHangsIsStaleWithin30Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, stale: 10 * time.Minute}
		a.read = func(n int) ([]Measurement, error) {
			if n == 1 {
				time.Sleep(5 * time.Minute)
				return nil, errors.New("no answer")
			}
			return celsius(float64(n)), nil
		}
		b := &fake{name: "b", bus: "1", interval: 10 * time.Second, stale: 10 * time.Minute}
		sink, want := events(a)
		r := run(t, sink, a, b)
		r.until(a, 4*time.Minute)
		want(t, "0s temperature 0", "0s a temperature true", "0s temperature 20", "0s b temperature true",
			"30s a temperature false", "30s b temperature false")
	})
}

// Each quantity has its own time; a value within the deadband is a good one,
// and after a time without good values the first is published again.
func TestQuantitiesGoStaleOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: time.Minute, stale: 3 * time.Minute, also: []Quantity{Humidity}}
		a.signals = []Signal{{Filter: Filter{Deadband: 1}}, {Filter: Filter{Deadband: 1}}}
		a.read = func(n int) ([]Measurement, error) {
			humidity := 50.0
			if 2 <= n && n <= 5 {
				humidity = 101
			}
			return []Measurement{{"temperature", 20}, {"humidity", humidity}}, nil
		}
		sink, want := events(a)
		r := run(t, sink, a)
		r.until(a, 10*time.Minute)
		want(t, "0s temperature 20", "0s humidity 50", "0s a temperature true", "0s a humidity true",
			"4m5s a humidity false", "6m0s humidity 50", "6m0s a humidity true")
	})
}

// A reading for which there was no room is neither live nor one by which the next is
// within the deadband, and it says nothing against the probe.
func TestAReadingWithoutRoomIsNotPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 30 * time.Second, stale: 10 * time.Minute, signals: []Signal{{Filter: Filter{Deadband: 1}}}}
		a.read = func(n int) ([]Measurement, error) { return celsius([]float64{20, 20, 25, 25, 25, 25}[n]), nil }
		sink, want := events(a)
		take := sink.put
		sink.put = func(ctx context.Context, r Reading) error {
			if n := len(a.times(&a.began)); n == 1 || n == 3 || n == 4 {
				return ErrNoRoom
			}
			return take(ctx, r)
		}
		r := run(t, sink, a)
		r.until(a, 160*time.Second)
		want(t, "30s temperature 20", "30s a temperature true", "2m0s temperature 25")
		wantLines(t, r.lines())
	})
}

func TestWithoutStaleAfterNothingGoesStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if n > 0 {
				time.Sleep(time.Hour)
				return nil, errIO
			}
			return celsius(20), nil
		}
		sink, want := events(a)
		r := run(t, sink, a)
		r.until(a, 50*time.Minute)
		want(t, "0s temperature 20", "0s a temperature true")
		r.until(a, 2*time.Hour)
	})
}

// A spike is not a failure. Values that are neither a spike nor a step are.
func TestSpikesAreNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := []float64{20, 60, 20, 60, 60, 60, 0, 30, 90, 60}
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, signals: []Signal{{Filter: Filter{MaxStep: 5}}}}
		a.read = func(n int) ([]Measurement, error) { return celsius(values[min(n, len(values)-1)]), nil }
		r := run(t, &store{}, a)
		r.until(a, 55*time.Second)
		wantLines(t, r.lines())
		r.until(a, 2*time.Minute)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="rejected (step): temperature went from 60 to 30 °C, max_step is 5"`,
			`level=INFO msg="sensor available again" sensor=a failures=2 after=20s`)
	})
}
