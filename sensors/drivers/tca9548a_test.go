package drivers

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
)

// A fakeMux is a bus with a TCA9548A at 0x70 and a TMP117 at 0x48 on some of
// its channels, each at its own temperature.
type fakeMux struct {
	control byte
	chips   map[int]int16 // temperature in 1/128 °C by channel
	dead    int           // a channel with a chip that does not answer; 0: none
	stuck   error         // of the multiplexer, after the first n transactions
	after   int
	id      byte // added to what the register reads as

	clashes int // transactions that two chips heard
}

func (f *fakeMux) String() string                  { return "mux" }
func (f *fakeMux) SetSpeed(physic.Frequency) error { return nil }
func (f *fakeMux) Close() error                    { return nil }

func (f *fakeMux) Tx(addr uint16, w, r []byte) error {
	if addr == 0x70 {
		return f.select70(w, r)
	}
	var heard []int
	for channel := range 8 {
		if _, ok := f.chips[channel]; ok && f.control>>channel&1 != 0 {
			heard = append(heard, channel)
		}
	}
	switch {
	case addr != 0x48 || len(heard) == 0 || heard[0] == f.dead:
		return syscall.ENXIO
	case len(heard) > 1:
		f.clashes++
	}
	switch t := f.chips[heard[0]]; {
	case len(r) == 0:
	case w[0] == 0x00:
		r[0], r[1] = byte(t>>8), byte(t)
	case w[0] == 0x01:
		r[0], r[1] = 0x24, 0x20
	case w[0] == 0x0F:
		r[0], r[1] = 0x01, 0x17
	}
	return nil
}

func (f *fakeMux) select70(w, r []byte) error {
	if f.after--; f.stuck != nil && f.after < 0 {
		return f.stuck
	}
	if len(w) > 0 {
		f.control = w[0]
	}
	if len(r) > 0 {
		r[0] = f.control + f.id
	}
	return nil
}

func (f *fakeMux) host() Host {
	return Host{OpenI2C: func(string) (i2c.BusCloser, error) { return f, nil }}
}

func muxOn(channel int) map[string]any {
	return map[string]any{"mux": int64(0x70), "channel": int64(channel)}
}

func TestTwoChipsWithOneAddressOnTwoChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMux{chips: map[int]int16{2: 25 * 128, 7: -10 * 128}}
		second, seventh := configured(t, "tmp117", f.host(), muxOn(2)), configured(t, "tmp117", f.host(), muxOn(7))
		if second.Bus != "i2c-1" || seventh.Bus != "i2c-1" {
			t.Errorf("got buses %q and %q, want one worker for i2c-1", second.Bus, seventh.Bus)
		}
		a, b := opened(t, second), opened(t, seventh)
		for range 3 {
			if got := read(t, a)[0].Value; got != 25 {
				t.Errorf("channel 2: got %v, want 25", got)
			}
			if got := read(t, b)[0].Value; got != -10 {
				t.Errorf("channel 7: got %v, want -10", got)
			}
		}
		if f.clashes != 0 || f.control != 0 {
			t.Errorf("got %d clashes and the channels %08b, want none", f.clashes, f.control)
		}
	})
}

func TestADeadChipBehindOneChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeMux{chips: map[int]int16{2: 25 * 128, 7: -10 * 128}}
		a, b := opened(t, configured(t, "tmp117", f.host(), muxOn(2))), opened(t, configured(t, "tmp117", f.host(), muxOn(7)))
		f.dead = 7
		if err := readErr(t, b); !errors.Is(err, syscall.ENXIO) || err.Error() != "address 0x48: "+syscall.ENXIO.Error() {
			t.Errorf("got %v, want address 0x48: %v", err, syscall.ENXIO)
		}
		if f.control != 0 {
			t.Errorf("got the channels %08b after a failure, want none", f.control)
		}
		if got := read(t, a)[0].Value; got != 25 {
			t.Errorf("got %v, want 25", got)
		}
	})
}

func TestMuxErrors(t *testing.T) {
	io := syscall.EIO.Error()
	tests := []struct {
		name string
		f    *fakeMux
		want string
	}{
		{"no multiplexer", &fakeMux{stuck: syscall.EIO}, "address 0x48: multiplexer 0x70: " + io},
		{"a register that does not keep what is written", &fakeMux{id: 1}, "address 0x48: multiplexer 0x70: not a TCA9548A, its register reads 0x09 after 0x08 was written"},
		{"it fails while it is identified", &fakeMux{stuck: syscall.EIO, after: 1}, "address 0x48: multiplexer 0x70: " + io},
		{"it fails to connect", &fakeMux{stuck: syscall.EIO, after: 4}, "address 0x48: multiplexer 0x70: " + io},
		{"it stays connected, so that the next chip would not be alone", &fakeMux{stuck: syscall.EIO, after: 5}, "address 0x48: multiplexer 0x70: " + io},
		{"no chip on the channel", &fakeMux{}, "address 0x48: " + syscall.ENXIO.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.HasPrefix(tt.name, "no chip") == false {
				tt.f.chips = map[int]int16{3: 0}
			}
			_, err := configured(t, "tmp117", tt.f.host(), muxOn(3)).Open()
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Every driver of a chip on I²C has the options, from one place.
func TestAllI2CDriversCanSitBehindAMux(t *testing.T) {
	for _, d := range Table() {
		p, errs := d.Configure(Host{}, "outside", examples(d))
		if errs != nil || p.Bus != "i2c-1" {
			continue
		}
		p, errs = d.Configure(Host{}, "outside", muxOn(7))
		if errs != nil || p.Bus != "i2c-1" {
			t.Errorf("%s: got %v and bus %q, want none and i2c-1", d.Name, errs, p.Bus)
		}
	}
}
