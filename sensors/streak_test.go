package sensors

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A probe with a loose contact must not fill the log, and what the log says
// must still tell how often it failed.
func TestAProbeThatFailsEveryMinuteForADayIsAFewLogLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 30 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if n%2 == 0 {
				return nil, &Rejection{CRC, "noise"}
			}
			return celsius(20), nil
		}
		r := run(t, &store{}, a)
		r.until(a, 24*time.Hour)
		lines := r.lines()
		if len(lines) > 22 {
			t.Errorf("got %d lines, want at most 22", len(lines))
		}
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, "times=1024") }) {
			t.Errorf("got no line of the 1,024th failure in\n%s", strings.Join(lines, "\n"))
		}
	})
}

// What fails for good after it has failed often is said, with its cause.
func TestAFailureThatLastsIsSaidAlsoAfterMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 30 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			switch {
			case n == 0 || n == 2:
				return nil, &Rejection{CRC, "noise"}
			case n >= 4 && n < 20:
				return nil, &Rejection{PowerOn, "85 °C"}
			}
			return celsius(20), nil
		}
		r := run(t, &store{}, a)
		r.until(a, 6*time.Minute)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (crc): noise"`,
			`level=INFO msg="sensor available again" sensor=a failures=1 after=30s`,
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (crc): noise" times=2`,
			`level=INFO msg="sensor available again" sensor=a failures=1 after=30s`)
		r.until(a, 20*time.Minute)
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (power-on): 85 °C" times=3`,
			`level=INFO msg="sensor available again" sensor=a failures=16 after=8m0s`)
	})
}

func TestStreak(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	var s Streak
	fail := func(lasts, well time.Duration) (told bool) {
		now = now.Add(well)
		s.Begin(now)
		told = s.Level(slog.LevelWarn) == slog.LevelWarn
		now = now.Add(lasts)
		if s.Lasts(now) == told && lasts >= lasting {
			t.Errorf("failure %d lasted for %v: Lasts returned %v", s.Times, lasts, told)
		}
		if s.Lasts(now) {
			t.Errorf("failure %d: Lasts returned true twice", s.Times)
		}
		s.End(now)
		return told
	}
	var told []int
	for n := 1; n <= 40; n++ {
		if fail(time.Duration(n)*time.Second, 59*time.Minute) {
			told = append(told, n)
		}
	}
	if want := []int{1, 2, 4, 8, 16, 32}; !slices.Equal(told, want) {
		t.Errorf("got lines for failures %v, want %v", told, want)
	}
	if fail(lasting, time.Minute) || !s.Told {
		t.Error("got no line for a failure that lasted, or one at its beginning")
	}
	if !fail(time.Second, calm) || s.Times != 1 {
		t.Errorf("after an hour that was well: got failure %d, want the first, with a line", s.Times)
	}
}
