package drivers

import (
	"errors"
	"testing"
	"testing/synctest"

	"periph.io/x/conn/v3/onewire"
)

// A fakeLine is a 1-Wire bus of the kernel's, with a bridge's line for one.
type fakeLine struct {
	*bridge
	err  error // of each transaction
	open *int
}

func (f fakeLine) Tx(w, r []byte, power onewire.Pullup) error {
	if f.err != nil {
		return f.err
	}
	return f.bridge.Tx(w, r, power)
}

func (f fakeLine) Close() error {
	*f.open--
	return nil
}

func (f fakeLine) Search(alarmOnly bool) ([]onewire.Address, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.bridge.Search(alarmOnly)
}

// netlinkHost has a bus 2 with one probe. The error that err points to is that
// of the line.
func netlinkHost(pad []byte, open *int, err *error) Host {
	return Host{OpenW1: func(master uint32) (onewire.BusCloser, error) {
		if master != 2 {
			return nil, errors.New("no such bus")
		}
		*open++
		return fakeLine{&bridge{tap: &tap{Bus: bridged(pad), addr: 0x18}}, *err, open}, nil
	}}
}

func TestW1Netlink(t *testing.T) {
	tests := []struct {
		name string
		pad  []byte
		want string
	}{
		{"the data sheet's 25.0625 °C", pad25, "25.0625"},
		{"below zero", undump(t, "ds2482", "6ffe 4b46 7fff 0110 .."), "-25.0625"},
		{"85 °C for want of a pull-up", padPowerOn, "power-on"},
		{"a line that is held low", make([]byte, 9), "all-zero"},
		{"a wrong checksum", b(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x24), "crc"},
		{"nobody answers", b(255, 255, 255, 255, 255, 255, 255, 255, 255), "28-0316a2794fff does not answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var open int
				var failure error
				p := configured(t, "w1netlink", netlinkHost(tt.pad, &open, &failure), map[string]any{"master": int64(2), "id": "28-0316a2794fff"})
				s := opened(t, p)
				if got := judged(t, p, s); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				if s.Close(); open != 0 {
					t.Errorf("got %d open lines, want 0", open)
				}
			})
		})
	}
}

func TestW1NetlinkErrors(t *testing.T) {
	failure := errors.New("the kernel says no")
	var open int
	h := netlinkHost(pad25, &open, &failure)
	tests := []struct {
		name   string
		host   Host
		master int64
		want   string
	}{
		{"a line that fails", h, 2, "the kernel says no"},
		{"a bus that is not there", h, 1, "no such bus"},
		{"a test never talks to the real kernel", Host{Root: "/tmp/pi"}, 1, "1-Wire bus 1: there is no netlink under /tmp/pi"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configured(t, "w1netlink", tt.host, map[string]any{"master": tt.master}).Open()
			if got := outcome(err); got != tt.want || open != 0 {
				t.Errorf("got %q and %d open lines, want %q and 0", got, open, tt.want)
			}
		})
	}
}
