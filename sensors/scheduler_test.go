package sensors

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestProbesDueTogetherAreReadTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		b := &fake{name: "b", bus: "1", interval: 20 * time.Second}
		c := &fake{name: "c", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, a, b, c)
		if len(r.buses) != 2 || r.buses[0].Name != "1" || r.buses[1].Name != "2" {
			t.Errorf("got %d buses, want 1 and 2", len(r.buses))
		}
		r.until(a, 45*time.Second)
		wantTimes(t, "a", a.times(&a.began), seconds(0, 10, 20, 30, 40))
		wantTimes(t, "b", b.times(&b.began), seconds(0, 20, 40))
		wantTimes(t, "c", c.times(&c.began), seconds(0, 10, 20, 30, 40))
		r.end()
		if got := len(r.sink.readings); got != 13 {
			t.Errorf("got %d readings, want 13", got)
		}
		for sensor, want := range map[string]string{"a": "1", "b": "1", "c": "2"} {
			if s := r.status(sensor); s.Missed != 0 || s.Failures != 0 || s.Driver != "fake" {
				t.Errorf("%s on bus %s: got %+v, want none missed", sensor, want, s)
			}
		}
	})
}

// Two probes of one bus are never read at the same time.
func TestOneBusReadsOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(int) ([]Measurement, error) {
			time.Sleep(3 * time.Second)
			return celsius(20), nil
		}
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, read: slow}
		b := &fake{name: "b", bus: "1", interval: 10 * time.Second, read: slow}
		r := run(t, &store{}, a, b)
		r.until(a, 29*time.Second)
		wantTimes(t, "a", a.times(&a.began), seconds(0, 10, 20))
		wantTimes(t, "b", b.times(&b.began), seconds(3, 13, 23))
	})
}

func TestLateTicksDoNotShift(t *testing.T) {
	tests := []struct {
		name   string
		takes  time.Duration // the first reading
		want   []time.Duration
		missed int
	}{
		{"a reading longer than its interval", 13 * time.Second, seconds(0, 13, 20, 30), 0},
		{"a reading longer than two", 25 * time.Second, seconds(0, 25, 30), 1},
		{"a reading longer than three", 36 * time.Second, seconds(0, 36), 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
				a.read = func(n int) ([]Measurement, error) {
					if n == 0 {
						time.Sleep(tt.takes)
					}
					return celsius(20), nil
				}
				r := run(t, &store{}, a)
				r.until(a, 39*time.Second)
				wantTimes(t, "a", a.times(&a.began), tt.want)
				if got := r.status("a").Missed; got != tt.missed {
					t.Errorf("got %d missed, want %d", got, tt.missed)
				}
			})
		})
	}
}

func TestBeatsWhileNothingIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: time.Hour}
		r := run(t, &store{}, a)
		r.until(a, 65*time.Second)
		r.end()
		if len(r.beats) != 7 {
			t.Fatalf("got %d beats in 65 s, want 7", len(r.beats))
		}
		for i := 1; i < len(r.beats); i++ {
			if pause := r.beats[i].Sub(r.beats[i-1]); pause > 10*time.Second {
				t.Errorf("got a pause of %v, want 10s at most", pause)
			}
		}
		wantTimes(t, "a", a.times(&a.began), seconds(0))
	})
}

// A bus that hangs delays no other, is reported within 30 s together with the
// probes behind it, and recovers when the read returns.
func TestHungBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := &fake{name: "hung", bus: "1", interval: 10 * time.Second}
		hung.read = func(n int) ([]Measurement, error) {
			if n == 2 { // at 20 s
				<-release
			}
			return celsius(20), nil
		}
		behind := &fake{name: "behind", bus: "1", interval: 10 * time.Second}
		other := &fake{name: "other", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, hung, behind, other)

		r.until(hung, 34*time.Second)
		wantLines(t, r.lines())
		r.until(hung, 49*time.Second) // 29 s after the read began
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=hung cause="read: no answer for 15s, the bus is blocked"`,
			`level=WARN msg="sensor unavailable" sensor=behind cause="read: waiting for hung, which blocks the bus"`)
		r.until(hung, 124*time.Second)
		wantLines(t, r.lines()) // each only once
		if s := r.status("hung"); s.Failures != 1 || s.BadSince.IsZero() || s.Missed != 9 {
			t.Errorf("got %+v, want 1 failure and 9 missed", s)
		}
		if s := r.status("behind"); s.Failures != 1 || s.BadSince.IsZero() || s.Missed != 10 {
			t.Errorf("got %+v, want 1 failure and 10 missed", s)
		}

		close(release)
		synctest.Wait()
		wantLines(t, r.lines(),
			`level=INFO msg="sensor available again" sensor=behind failures=1 after=1m24s`,
			`level=INFO msg="sensor available again" sensor=hung failures=2 after=1m24s`)
		r.until(hung, 145*time.Second)
		wantTimes(t, "hung", hung.times(&hung.began), seconds(0, 10, 20, 124, 130, 140))
		wantTimes(t, "behind", behind.times(&behind.began), seconds(0, 10, 124, 130, 140))
		wantTimes(t, "other", other.times(&other.began), seconds(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140))
	})
}

// When all buses hang, the scheduler still beats.
func TestAllBusesHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var fakes []*fake
		for _, name := range []string{"a", "b", "c"} {
			fakes = append(fakes, &fake{name: name, bus: name, interval: time.Second, read: func(int) ([]Measurement, error) {
				<-release
				return nil, errIO
			}})
		}
		r := run(t, &store{}, fakes...)
		r.until(fakes[0], 5*time.Minute+500*time.Millisecond)
		if got := len(r.lines()); got != 3 {
			t.Errorf("got %d lines, want 3", got)
		}
		for _, f := range fakes {
			wantTimes(t, f.name, f.times(&f.began), seconds(0))
		}
		close(release)
		r.end()
		if got := len(r.beats); got != 301 {
			t.Errorf("got %d beats, want 301", got)
		}
	})
}

// A second hang of the same probe is reported as well.
func TestHangsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		a.read = func(n int) ([]Measurement, error) {
			if n%2 == 0 {
				time.Sleep(28 * time.Second)
			}
			return celsius(20), nil
		}
		kept := &store{}
		r := run(t, kept, a)
		r.until(a, 65*time.Second)
		if len(kept.readings) != 2 || !slices.Equal(kept.rejected, []string{"a temperature late", "a temperature late"}) {
			t.Errorf("got %v and rejected %q, want those of reads that hung rejected", kept.readings, kept.rejected)
		}
		stuck := `level=WARN msg="sensor unavailable" sensor=a cause="read: no answer for 15s, the bus is blocked"`
		wantLines(t, r.lines(),
			stuck,
			`level=INFO msg="sensor available again" sensor=a failures=2 after=8s`,
			stuck+" times=2",
			`level=INFO msg="sensor available again" sensor=a failures=2 after=8s`)
	})
}

func TestAfter(t *testing.T) {
	start := time.Unix(0, 0)
	tests := []struct {
		name          string
		now, interval time.Duration
		want          time.Duration
	}{
		{"at the start", 0, 10 * time.Second, 10 * time.Second},
		{"on time", 20 * time.Second, 10 * time.Second, 30 * time.Second},
		{"a little late", 20*time.Second + 1, 10 * time.Second, 30 * time.Second},
		{"very late", 99 * time.Second, 10 * time.Second, 100 * time.Second},
		{"after years", 30 * 365 * 24 * time.Hour, 100 * time.Millisecond, 30*365*24*time.Hour + 100*time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := after(start, start.Add(tt.now), tt.interval).Sub(start); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
