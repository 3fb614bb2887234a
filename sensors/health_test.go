package sensors

import (
	"errors"
	"fmt"
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
