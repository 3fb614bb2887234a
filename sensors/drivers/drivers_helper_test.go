package drivers

import (
	"context"
	"errors"
	"testing"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/i2c/i2ctest"

	"sensorpub/sensors"
)

// configured returns the probe of a driver with these options.
func configured(t *testing.T, driver string, h Host, options map[string]any) sensors.Probe {
	t.Helper()
	d, err := Lookup(driver)
	if err != nil {
		t.Fatal(err)
	}
	p, errs := d.Configure(h, "outside", options)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return p
}

func opened(t *testing.T, p sensors.Probe) sensors.Sensor {
	t.Helper()
	s, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, s sensors.Sensor) []sensors.Measurement {
	t.Helper()
	values, err := s.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// outcome returns the result of a reading as text: a reason, the error, or "".
func outcome(err error) string {
	var r *sensors.Rejection
	switch {
	case errors.As(err, &r):
		return string(r.Reason)
	case err != nil:
		return err.Error()
	}
	return ""
}

// readErr returns the error of a reading that must not return a value.
func readErr(t *testing.T, s sensors.Sensor) error {
	t.Helper()
	values, err := s.Read(context.Background())
	if err != nil && values != nil {
		t.Errorf("got the values %v with the error %v, want none", values, err)
	}
	return err
}

// A wire is an I²C bus that plays back a chip's answers and can be made to fail.
type wire struct {
	i2ctest.Playback
	fail    error // of the transaction number failAt, and of all after it
	failAt  int
	handles int // open ones
}

func (w *wire) Tx(addr uint16, out, in []byte) error {
	if w.fail != nil && w.Count >= w.failAt {
		return w.fail
	}
	return w.Playback.Tx(addr, out, in)
}

func (w *wire) Close() error {
	w.handles--
	return nil
}

func (w *wire) open(string) (i2c.BusCloser, error) {
	w.handles++
	return w, nil
}

// played returns a bus that plays back these transactions.
func played(ops ...[]i2ctest.IO) *wire {
	w := &wire{}
	w.DontPanic = true
	for _, o := range ops {
		w.Ops = append(w.Ops, o...)
	}
	return w
}

// exhausted checks that everything was played and no handle is open.
func (w *wire) exhausted(t *testing.T) {
	t.Helper()
	if w.Count != len(w.Ops) {
		t.Errorf("got %d transactions, want %d", w.Count, len(w.Ops))
	}
	if w.handles != 0 {
		t.Errorf("got %d open handles, want 0", w.handles)
	}
}
