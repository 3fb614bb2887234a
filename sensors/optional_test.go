package sensors

import (
	"io/fs"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestOptionalQuantitiesAreThoseThatTheDeviceHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, optional: true, also: []Quantity{Humidity, Pressure}}
		a.read = func(n int) ([]Measurement, error) {
			switch n {
			case 0, 2:
				return nil, &Rejection{CRC, "noise"}
			case 3:
				return nil, nil
			}
			return []Measurement{{"pressure", 1013}, {"illuminance", 5}, {"temperature", 20}}, nil
		}
		sink, want := events(a)
		r := run(t, sink, a)
		r.until(a, 35*time.Second)
		want(t, "10s temperature 20", "10s pressure 1013", "10s a temperature true", "10s a pressure true")
		wantLines(t, r.lines(),
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (crc): noise"`,
			`level=INFO msg="sensor available again" sensor=a failures=1 after=10s`,
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (crc): noise" times=2`,
			`level=WARN msg="sensor still unavailable" sensor=a cause="read: got no value" times=2`)
		// The first read may have been of anything, the other of what the device has.
		if want := []string{"a temperature crc", "a pressure crc"}; !slices.Equal(r.sink.rejected, want) {
			t.Errorf("rejected: got %q, want %q", r.sink.rejected, want)
		}
	})
}

func TestReadingsOfASingleRead(t *testing.T) {
	p := Probe{
		Name: "a", Quantities: []Quantity{Temperature, Humidity, Pressure}, Optional: true,
		Signals: []Signal{{}, {}, {Calibration: Calibration{Offset: 2}}},
	}
	at := time.Unix(1e9, 0)
	good, err := p.Readings([]Measurement{{"humidity", 101}, {"pressure", 1000}}, at)
	if want := (Reading{Sensor: "a", Quantity: "pressure", Value: 1002, Unit: "hPa", Time: at}); len(good) != 1 || good[0] != want {
		t.Errorf("got %+v, want only %+v", good, want)
	}
	if want := "rejected (range): humidity is 101 %, the range is 0 to 100"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The configuration of a fleet lists the probes of all machines.
func TestAProbeOfAnotherMachineIsNoFailure(t *testing.T) {
	for _, c := range []struct {
		name  string
		first error // until the device is there
		want  []string
	}{
		{"it is not there at first", errIO, []string{
			`level=WARN msg="sensor unavailable" sensor=a cause="read: input/output error"`,
		}},
		{"nobody may open it", &fs.PathError{Op: "open", Path: "/dev/i2c-1", Err: fs.ErrPermission}, []string{
			`level=WARN msg="sensor unavailable" sensor=a cause="read: open /dev/i2c-1: permission denied"`,
			`level=INFO msg="sensor available again" sensor=a failures=2 after=30s`,
			`level=WARN msg="sensor unavailable" sensor=a cause="read: input/output error" times=2`,
		}},
		{"it answers with noise", &Rejection{CRC, "noise"}, []string{
			`level=WARN msg="sensor unavailable" sensor=a cause="read: rejected (crc): noise"`,
			`level=INFO msg="sensor available again" sensor=a failures=2 after=20s`,
			`level=WARN msg="sensor unavailable" sensor=a cause="read: input/output error" times=2`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &fake{name: "a", bus: "1", interval: 10 * time.Second, present: true, stale: 15 * time.Second}
				a.read = func(n int) ([]Measurement, error) {
					switch {
					case n < 2:
						return nil, c.first
					case n == 2:
						return celsius(20), nil
					}
					return nil, errIO
				}
				sink, _ := events(a)
				r := run(t, sink, a)
				r.until(a, 5*time.Second)
				if got, want := r.buses[0].Status()[0].Absent, c.first == errIO; got != want {
					t.Errorf("got absent %t, want %t", got, want)
				}
				r.until(a, 59*time.Second)
				if r.buses[0].Status()[0].Absent {
					t.Error("still absent after it has answered")
				}
				wantLines(t, r.lines(), c.want...)
			})
		})
	}
}

// What it waits for has no bearing on whether it is there.
func TestAProbeOfAnotherMachineAndAHungBus(t *testing.T) {
	for _, c := range []struct {
		name  string
		hangs string
		want  []string
	}{
		{"another probe hangs", "there", []string{
			`level=WARN msg="sensor unavailable" sensor=there cause="read: no answer for 15s, the bus is blocked"`,
			`level=INFO msg="sensor available again" sensor=there failures=2 after=5s`,
		}},
		{"it hangs itself", "away", []string{
			`level=WARN msg="sensor unavailable" sensor=away cause="read: no answer for 15s, the bus is blocked"`,
			`level=WARN msg="sensor unavailable" sensor=there cause="read: waiting for away, which blocks the bus"`,
			`level=INFO msg="sensor available again" sensor=there failures=1 after=5s`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				there := &fake{name: "there", bus: "1", interval: 10 * time.Second}
				away := &fake{name: "away", bus: "1", interval: 10 * time.Second, present: true}
				read := func(name string, v []Measurement, err error) func(int) ([]Measurement, error) {
					return func(n int) ([]Measurement, error) {
						if name == c.hangs && n == 1 {
							time.Sleep(25 * time.Second)
						}
						return v, err
					}
				}
				there.read, away.read = read("there", celsius(20), nil), read("away", nil, errIO)
				r := run(t, &store{}, there, away)
				r.until(there, 5*time.Minute)
				if s := r.status("away"); !s.Absent || !s.BadSince.IsZero() || s.Cause != "" || s.Failures != 0 {
					t.Errorf("got %+v, want it absent and nothing bad", s)
				}
				wantLines(t, r.lines(), c.want...)
			})
		})
	}
}
