package drivers

import (
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/i2c"
)

var (
	pad25      = []byte{0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x25}
	padPowerOn = []byte{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x1c}
	padNear85  = []byte{0x40, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10, 0x48}
)

func bridgeHost(f *fakeBridge) Host {
	return Host{OpenI2C: func(string) (i2c.BusCloser, error) { return f, nil }}
}

func TestDS2482FindsItsProbe(t *testing.T) {
	several := []fakeProbe{
		{rom(0x28, 0x0316a2794fff), pad25},
		{rom(0x28, 0x0316a2794f00), pad25},
		{rom(0x10, 0x000802b4c1d2), pad25},
		{rom(0x26, 0x000001020304), pad25}, // a battery monitor
	}
	const ids = "10-000802b4c1d2, 28-0316a2794f00, 28-0316a2794fff"
	tests := []struct {
		name   string
		probes []fakeProbe
		id     string
		want   string
	}{
		{"the only one", several[:1], "", ""},
		{"the only thermometer", append(several[1:2:2], several[3]), "", ""},
		{"one of several", several, "28-0316a2794f00", ""},
		{"none of several", several, "28-000000000000", "28-000000000000 does not answer, found " + ids},
		{"several and no id", several, "", "3 probes answer, set options.id to one of " + ids},
		{"no thermometer", several[3:], "", "no thermometer answers on the 1-Wire line"},
		{"nothing", nil, "", "address 0x18: no probe answers on the 1-Wire line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeBridge{probes: map[byte][]fakeProbe{0: tt.probes}, busy: 2}
				s, err := configured(t, "ds2482", bridgeHost(f), map[string]any{"id": tt.id}).Open()
				if got := outcome(err); got != tt.want {
					t.Fatalf("got %q, want %q", got, tt.want)
				}
				if err != nil {
					return
				}
				read(t, s)
				if !f.powered {
					t.Error("got a conversion without the strong pull-up, want it")
				}
			})
		})
	}
}

// 85 °C is accepted from a probe that was last read near it, even after reopening, but
// not after it was absent.
func TestDS2482NearPowerOnValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := []fakeProbe{{rom(0x28, 0x0316a2794fff), padNear85}}
		f := &fakeBridge{probes: map[byte][]fakeProbe{0: probes}}
		p := configured(t, "ds2482", bridgeHost(f), nil)
		if got := read(t, opened(t, p))[0].Value; got != 84 {
			t.Fatalf("got %v, want 84", got)
		}
		probes[0].pad = padPowerOn
		if got := read(t, opened(t, p))[0].Value; got != 85 {
			t.Errorf("got %v, want 85", got)
		}
		f.probes[0] = nil
		if _, err := p.Open(); err == nil {
			t.Error("got no error of a probe that is gone, want one")
		}
		f.probes[0] = probes
		if got := outcome(readErr(t, opened(t, p))); got != "power-on" {
			t.Errorf("got %q, want power-on", got)
		}
	})
}

func TestDS2482LineFaults(t *testing.T) {
	tests := []struct {
		name string
		f    *fakeBridge
		want string
	}{
		{"a short", &fakeBridge{shorted: true}, "address 0x18: the 1-Wire line is shorted"},
		{"a bridge that stays busy", &fakeBridge{busy: 100}, "address 0x18: the bridge does not finish a command"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := configured(t, "ds2482", bridgeHost(tt.f), nil).Open()
				if got := outcome(err); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// A line that answers a search with noise cannot block the bus for ever.
func TestDS2482SearchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := &bridge{tap: &tap{Bus: &fakeBridge{}, addr: 0x18, place: "address 0x18"}, triplets: maxTriplets}
		if _, err := line.SearchTriplet(0); err == nil || err.Error() != "address 0x18: the search for probes does not end" {
			t.Errorf("got %v, want address 0x18: the search for probes does not end", err)
		}
	})
}

func TestDS2482GivesTheProbeTimeToConvert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, configured(t, "ds2482", bridgeHost(bridged(pad25).(*fakeBridge)), nil))
		start := time.Now()
		read(t, s)
		if got := time.Since(start); got < 750*time.Millisecond || got > time.Second {
			t.Errorf("got a reading in %v, want 750ms to 1s", got)
		}
	})
}

// Behind a bridge and through netlink each family's power-on value is rejected as it
// is through the kernel's files.
func TestLinesRejectPowerOnValues(t *testing.T) {
	tests := []struct {
		name, id string
		pad      scratchpad
		want     string
	}{
		{"DS18S20", idS20, scratchpad{0xaa, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10}, "power-on"},
		{"DS1822", "22-0000001921e8", scratchpad{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}, "power-on"},
		{"DS18B20", idB20, scratchpad{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}, "power-on"},
		{"DS1825", idK, scratchpad{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}, "power-on"},
		{"DS28EA00", "42-0000001921e8", scratchpad{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0xff, 0xff}, "power-on"},
		{"MAX31850", idK, scratchpad{0x00, 0x00, 0x00, 0x00, 0xf0, 0xff, 0xff, 0xff}, "power-on"},
		{"MAX31850 that has measured", idK, scratchpad{0x00, 0x00, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.pad[8] = crc8(tt.pad[:8])
			if _, err := (&lineProbe{}).judge(tt.id, tt.pad); outcome(err) != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
