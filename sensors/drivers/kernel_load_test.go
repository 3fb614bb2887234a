package drivers

import (
	"slices"
	"strings"
	"testing"
)

func TestLoadingAKernelDriver(t *testing.T) {
	const (
		aliases = "alias i2c:ina226 ina2xx\nalias of:N*T*Cti,ina226 ina2xx\nalias of:N*T*Camstaos,tsl2591C* tsl2591\nalias of:N*T*Camstaos,tsl2591 tsl2591\n"
		udev    = `to keep it: echo 'ACTION=="add", SUBSYSTEM=="i2c", KERNEL=="i2c-`
		reads   = " in config.txt, then reboot, and iio reads it"
	)
	ina226 := []string{
		"echo ina226 0x45 | sudo tee /sys/bus/i2c/devices/i2c-1/new_device, and hwmon reads it",
		udev + `1", ATTR{new_device}="ina226 0x45"' | sudo tee /etc/udev/rules.d/90-ina226.rules`,
	}
	tests := []struct {
		name, chip, bus string
		address         uint16
		modules         []string
		want            []string
	}{
		{"an overlay", "bme680", "1", 0x76, nil, []string{"dtoverlay=i2c-sensor,bme680" + reads}},
		{"an overlay, at another address", "bme680", "1", 0x77, nil, []string{"dtoverlay=i2c-sensor,bme680,addr=0x77" + reads}},
		{"an overlay of its own, at another address", "ADS1115", "1", 0x49, nil, []string{"dtoverlay=ads1115,addr=0x49,cha_enable,cha_gain=1" + reads}},
		{"another bus, for which the overlay is not", "bh1750", "3", 0x23, nil, []string{
			"echo bh1750 0x23 | sudo tee /sys/bus/i2c/devices/i2c-3/new_device, and iio reads it",
			udev + `3", ATTR{new_device}="bh1750 0x23"' | sudo tee /etc/udev/rules.d/90-bh1750.rules`,
		}},
		{"a kernel whose modules are not listed", "ina226", "1", 0x45, nil, ina226},
		{"a module that is loaded by itself", "ina226", "1", 0x45, []string{"modules.alias", aliases}, ina226},
		{"a driver that is built in", "ina226", "1", 0x45, []string{"modules.alias", "", "modules.builtin.modinfo", "ina2xx.license=GPL\x00ina2xx.alias=i2c:ina226\x00"}, ina226},
		{"a module that must be loaded first", "tsl2591", "1", 0x29, []string{"modules.alias", aliases}, []string{
			"sudo modprobe tsl2591",
			"echo tsl2591 0x29 | sudo tee /sys/bus/i2c/devices/i2c-1/new_device, and iio reads it",
			"to keep it: echo tsl2591 | sudo tee /etc/modules-load.d/tsl2591.conf",
			udev + `1", ATTR{new_device}="tsl2591 0x29"' | sudo tee /etc/udev/rules.d/90-tsl2591.rules`,
		}},
		{"a kernel without the driver", "veml7700", "1", 0x10, []string{"modules.alias", aliases}, []string{"this kernel has no driver for it"}},
		{"behind a multiplexer", "ina226", "", 0x45, nil, nil},
		{"a chip that no kernel driver reads", "as7341", "1", 0x39, nil, nil},
		{"a chip on SPI", "mcp3008", "1", 0x39, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTree(t)
			if tt.modules != nil {
				tr.files("proc/sys/kernel", "osrelease", "6.12.25+rpt-rpi-v8")
				tr.files("lib/modules/6.12.25+rpt-rpi-v8", tt.modules...)
			}
			if got := tr.host().loading(tt.chip, tt.bus, tt.address); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// A chip that only may be there is named as such.
func TestScanSaysHowToLoadADriver(t *testing.T) {
	_, h := newBoard(t, map[uint16]boardChip{
		0x10: withRegisters(0, nil),
		0x45: withRegisters(0, map[byte][]byte{0xFF: {0x22, 0x60}}),
		0x50: withRegisters(0, nil),
		0x76: withRegisters(0, map[byte][]byte{0xD0: {0x60}}),
	})
	want := map[string]string{
		"0x10": "if it is a VEML7700: echo veml7700 0x10 | sudo tee /sys/bus/i2c/devices/i2c-1/new_device, and iio reads it",
		"0x45": "echo ina226 0x45 | sudo tee /sys/bus/i2c/devices/i2c-1/new_device, and hwmon reads it",
		"0x50": "", "0x76": "", // an EEPROM, and a chip with a driver here
	}
	for _, f := range (Scanner{Host: h}).i2c()[0].Finds {
		got := ""
		if len(f.Load) > 0 {
			got = f.Load[0]
		}
		if got != want[f.Place] {
			t.Errorf("%s: got %q, want %q", f.Place, got, want[f.Place])
		}
	}
}

// What scan calls a chip of the kernel's is one.
func TestScanKnowsTheKernelsChips(t *testing.T) {
	var names []string
	for _, s := range suspects() {
		names = append(names, s.kernel)
	}
	for _, n := range neighbours {
		names = append(names, n.kernel)
	}
	for _, name := range names {
		if c, known := kernelChipNamed(name); name != "" && (!known || c.device == "") {
			t.Errorf("got %q, want one of kernelChips on I²C", name)
		}
	}
}
