package drivers

import (
	"encoding/binary"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// A fakeTMP117 converts on request. It shows that a conversion is complete until its
// temperature or its configuration is read (SNOSD82D, section 7.6.3).
type fakeTMP117 struct {
	celsius uint16
	err     error // of reading

	end          time.Time // of the conversion in progress; zero: there is none
	next, result uint16    // of that, and of the one before
	ready        bool      // nobody has looked at result
}

func (f *fakeTMP117) String() string                  { return "TMP117" }
func (f *fakeTMP117) SetSpeed(physic.Frequency) error { return nil }
func (f *fakeTMP117) Close() error                    { return nil }

func (f *fakeTMP117) Tx(_ uint16, w, r []byte) error {
	if !f.end.IsZero() && !time.Now().Before(f.end) {
		f.end, f.ready, f.result = time.Time{}, true, f.next
	}
	switch register := w[0]; {
	case len(r) == 0:
		f.end, f.next = time.Now().Add(124*time.Millisecond), f.celsius*128
	case f.err != nil:
		return f.err
	case register == tmpID:
		binary.BigEndian.PutUint16(r, 0x0117)
	case register == tmpConfig:
		config := uint16(tmpAverage)
		if f.ready {
			config |= tmpReady
		}
		f.ready = false
		binary.BigEndian.PutUint16(r, config)
	case register == tmpTemperature:
		f.ready = false
		binary.BigEndian.PutUint16(r, f.result)
	}
	return nil
}

// The bus fails while the chip converts, so that nobody looks at the result.
func TestTMP117DoesNotReturnAnEarlierConversion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := &fakeTMP117{celsius: 20}
		p := configured(t, "tmp117", Host{OpenI2C: func(string) (i2c.BusCloser, error) { return chip, nil }}, nil)
		s := opened(t, p)
		if got := read(t, s)[0].Value; got != 20 {
			t.Errorf("got %v, want 20", got)
		}
		chip.err = syscall.EREMOTEIO
		if _, err := p.Measure(t.Context(), &s); err == nil {
			t.Fatal("got a value, want an error")
		}
		time.Sleep(time.Hour)
		chip.celsius, chip.err = 25, nil
		values, err := p.Measure(t.Context(), &s)
		if err != nil || values[0].Value != 25 {
			t.Errorf("got %v, %v, want 25 °C and not the 20 °C of an hour ago", values, err)
		}
	})
}
