package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// A recorder records what a reader prints, with the time since its start.
type recorder struct {
	start time.Time
	lines []string
}

func (r *recorder) reading(m sensors.Reading) {
	r.lines = append(r.lines, fmt.Sprintf("%v %s %s %v seq %d", m.Time.Sub(r.start), m.Sensor, m.Quantity, m.Value, m.Seq))
}

func (r *recorder) failure(sensor string, at time.Time, err error) {
	r.lines = append(r.lines, fmt.Sprintf("%v %s: %v", at.Sub(r.start), sensor, err))
}

// A fake is a probe and its sensor.
type fake struct {
	values []float64
	err    error
	hang   chan struct{} // Read returns when it is closed
	names  []string      // of the values
	opened int
	closed int
}

func (f *fake) Close() error {
	f.closed++
	return nil
}

func (f *fake) Read(context.Context) ([]sensors.Measurement, error) {
	if f.hang != nil {
		<-f.hang
	}
	var out []sensors.Measurement
	for i, v := range f.values {
		out = append(out, sensors.Measurement{Quantity: f.names[i], Value: v})
	}
	return out, f.err
}

func (f *fake) probe(name, bus string, interval time.Duration, quantities ...sensors.Quantity) sensors.Probe {
	for _, q := range quantities {
		f.names = append(f.names, q.Name)
	}
	return sensors.Probe{
		Name: name, Bus: bus, Interval: interval, Quantities: quantities,
		Open: func() (sensors.Sensor, error) {
			f.opened++
			return f, nil
		},
	}
}

// readAll runs a reader in fake time.
func readAll(ctx context.Context, count int, probes ...sensors.Probe) ([]string, error) {
	rec := &recorder{start: time.Now()}
	same := func(r sensors.Reading) sensors.Reading { return r }
	r := &reader{now: time.Now, convert: same, print: rec, held: make(map[string]string)}
	err := r.run(ctx, probes, count)
	return rec.lines, err
}

func compareLines(t *testing.T, got []string, err error, wantErr string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") || errText(err) != wantErr {
		t.Errorf("got\n%s\n%v\nwant\n%s\n%s", strings.Join(got, "\n"), err, strings.Join(want, "\n"), wantErr)
	}
}

func TestReadWaitsTheIntervalBetweenReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &fake{values: []float64{1}}, &fake{values: []float64{2}}
		got, err := readAll(t.Context(), 2,
			a.probe("a", "1", 30*time.Second, sensors.Temperature), b.probe("b", "1", 7*time.Second, sensors.Humidity))
		compareLines(t, got, err, "",
			"0s a temperature 1 seq 1", "0s b humidity 2 seq 1", "7s b humidity 2 seq 2", "30s a temperature 1 seq 2")
		if a.opened != 1 || a.closed != 1 {
			t.Errorf("opened %d and closed %d times, want once", a.opened, a.closed)
		}
	})
}

func TestReadJudgesTheRangeAndReopensWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hot := &fake{values: []float64{2000, 50}}
		short := &fake{values: []float64{1}}
		gone := &fake{err: errors.New("no such device")}
		bad := &fake{err: &sensors.Rejection{Reason: sensors.CRC, Detail: "0x00"}}
		got, err := readAll(t.Context(), 2,
			hot.probe("hot", "1", time.Minute, sensors.Temperature, sensors.Humidity),
			short.probe("short", "1", time.Hour, sensors.Temperature, sensors.Humidity),
			gone.probe("gone", "1", 2*time.Hour, sensors.Temperature),
			bad.probe("bad", "1", 3*time.Hour, sensors.Temperature))
		var want []string
		for _, at := range []string{"0s 0s 0s 0s", "1m0s 1h0m0s 2h0m0s 3h0m0s"} {
			f := strings.Fields(at)
			want = append(want,
				f[0]+" hot humidity 50 seq "+fmt.Sprint(len(want)/5+1),
				f[0]+" hot: rejected (range): temperature is 2000 °C, the range is -273.15 to 1800",
				f[1]+" short: read: got no humidity",
				f[2]+" gone: read: no such device",
				f[3]+" bad: read: rejected (crc): 0x00")
		}
		compareLines(t, got, err, "read sensors: 8 of 8 reads failed", want...)
		if gone.opened != 2 || short.opened != 2 || bad.opened != 1 {
			t.Errorf("opened %d, %d and %d times, want 2, 2 and 1", gone.opened, short.opened, bad.opened)
		}
	})
}

func TestReadThatHangsHoldsItsBusOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &fake{hang: make(chan struct{})}
		defer close(stuck.hang)
		good := &fake{values: []float64{1}}
		got, err := readAll(t.Context(), 1,
			stuck.probe("stuck", "1", time.Second, sensors.Temperature),
			good.probe("beside", "1", time.Second, sensors.Temperature),
			good.probe("elsewhere", "2", time.Second, sensors.Temperature))
		compareLines(t, got, err, "read sensors: 2 of 3 reads failed",
			"15s stuck: read: no answer within 15s",
			"15s beside: its bus is blocked by the read of stuck",
			"15s elsewhere temperature 1 seq 1")
	})
}

func TestReadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := &fake{hang: make(chan struct{})}
		defer close(stuck.hang)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		got, err := readAll(ctx, 5, stuck.probe("stuck", "1", time.Second, sensors.Temperature))
		compareLines(t, got, err, "")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
	})
}
