package sensors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// A cause that changes is logged once, and the status shows the present one.
func TestACauseThatChangesIsLoggedOnce(t *testing.T) {
	causes := []error{
		errors.New("no such device"),
		errors.New("permission denied"),
		&Rejection{CRC, "00 01"},
		errors.New("no such device"),
		&Rejection{CRC, "00 02"},
		errors.New("permission denied"),
	}
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 60 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if n < len(causes) {
				return nil, causes[n]
			}
			return celsius(20), nil
		}
		r := run(t, &store{}, a)
		r.until(a, 5*time.Minute+time.Second)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: no such device"`,
			`level=WARN msg="sensor still unavailable" sensor=a cause="read: permission denied"`,
			`level=WARN msg="sensor still unavailable" sensor=a cause="read: rejected (crc): 00 01"`)
		if got := r.status("a"); got.Cause != "read: permission denied" || got.Failures != len(causes) {
			t.Errorf("got %+v, want the last cause and %d failures", got, len(causes))
		}
		r.until(a, 7*time.Minute)
		wantLines(t, r.lines(), `level=INFO msg="sensor available again" sensor=a failures=6 after=6m0s`)
	})
}

// A probe that fails in ever new ways does not fill the log.
func TestManyCausesAreAFewLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 60 * time.Second}
		a.read = func(n int) ([]Measurement, error) { return nil, fmt.Errorf("cause %c", 'a'+n%26) }
		r := run(t, &store{}, a)
		r.until(a, 2*time.Hour)
		if got := len(r.lines()); got != maxCauses {
			t.Errorf("got %d log lines, want %d", got, maxCauses)
		}
	})
}

// What failed and what was refused is remembered after the sensor is well again.
func TestStatusCountsFailuresByReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tooHot := []Measurement{{"temperature", 9999}}
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			switch n {
			case 1:
				return nil, &Rejection{CRC, "00 01"}
			case 3, 4:
				return tooHot, nil
			case 5:
				return nil, errors.New("no answer: really")
			}
			return celsius(20), nil
		}
		r := run(t, &store{}, a)
		r.until(a, 2*time.Minute+time.Second)
		got := r.status("a")
		if want := "map[crc:1 range:2 read:1]"; fmt.Sprint(got.Failed) != want || got.Failures != 0 {
			t.Errorf("got %v, and %d at present, want %s and none", got.Failed, got.Failures, want)
		}
		last := Rejected{a.start.Add(40 * time.Second), "temperature", Rejection{OutRange, "temperature is 9999 °C, the range is -55 to 125"}}
		if got.Rejected != last || !got.Good.Equal(a.start.Add(2*time.Minute)) {
			t.Errorf("got %+v and a good value at %v, want %+v", got.Rejected, got.Good, last)
		}
	})
}

func TestLatenessOfTheSchedulerIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		buses := Buses([]Probe{a.probe()}, &store{}, slog.New(slog.DiscardHandler), WallClock)
		s := &Scheduler{Buses: buses, Lateness: new(Histogram), Beat: func() {
			if time.Since(a.start) == 30*time.Second {
				time.Sleep(40 * time.Millisecond) // a busy machine
			}
		}}
		a.start = time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 45*time.Second)
		defer cancel()
		s.Run(ctx)
		got := s.Lateness.Distribution()
		if got.Counts[0] != 3 || got.Counts[5] != 1 || got.Sum != 40*time.Millisecond {
			t.Errorf("got %+v, want three in time and one 40 ms late", got)
		}
	})
}
