package doctor

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/sensors/drivers"
)

func TestDoctorOfThePower(t *testing.T) {
	const throttled = "sys/devices/platform/soc/soc:firmware/get_throttled"
	volt := func(alarm string) map[string]string {
		return map[string]string{"sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": alarm}
	}
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"now", map[string]string{throttled: "0x50005\n"}, "FAIL  power          the supply is below 4.63 V now\n      hint: " + betterSupply + "\n"},
		{"since the last boot", map[string]string{throttled: "50000\n"}, "warn  power          the supply has been below 4.63 V since the last boot\n      hint: " + betterSupply + "\n"},
		{"never", map[string]string{throttled: "0\n"}, "ok    power          the supply has never been below 4.63 V since the last boot\n"},
		{"alarm", volt("1\n"), "FAIL  power          the supply is below 4.63 V\n      hint: " + betterSupply + "\n"},
		{"no alarm", volt("0\n"), "ok    power          the supply is not below 4.63 V\n"},
		{"another board", map[string]string{"sys/class/hwmon/hwmon1/name": "nvme\n"}, "skip  power          this machine does not report under-voltage\n"},
	} {
		v := newVisit(t, fixture.Machine(t, c.files), fixture.OneSensor)
		if checkPower(&report{out: v.out}, v.host); v.out.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, v.out, c.want)
		}
	}
}

func TestDoctorOfTheClock(t *testing.T) {
	good := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		now    time.Time
		synced bool
		err    error
		want   string
	}{
		{"synchronised", good, true, nil, "ok    clock          2026-03-01 12:00 UTC, synchronised\n"},
		{"not synchronised", good, false, nil, "warn  clock          2026-03-01 12:00 UTC, not synchronised: the times of readings may be off\n      hint: " + setClock + "\n"},
		{"a board that has just started", time.Unix(0, 0), false, nil, "FAIL  clock          it is 1970-01-01 00:00 UTC here: readings get wrong times, and no certificate is valid\n      hint: " + setClock + "\n"},
		{"not allowed to ask", good, false, errors.New("denied"), "skip  clock          2026-03-01 12:00 UTC, the kernel does not say whether it is synchronised: denied\n"},
	} {
		v := newVisit(t, t.TempDir(), fixture.OneSensor)
		isSynced := func() (bool, error) { return c.synced, c.err }
		if checkClock(&report{out: v.out}, c.now, isSynced); v.out.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, v.out, c.want)
		}
	}
	if _, err := clockSynced(); err != nil {
		t.Errorf("got %v of the kernel's clock, want no error", err)
	}
}

func TestDoctorOfTheBuses(t *testing.T) {
	const w1 = "sys/bus/w1/devices/"
	chips := `
[[sensor]]
name = "a"
driver = "bme280"
options = { bus = "3" }
[[sensor]]
name = "b"
driver = "mcp9808"
options = { bus = "3" }
[[sensor]]
name = "c"
driver = "max31855"
options = { spi = "0.1" }
`
	wire := "[[sensor]]\nname = \"a\"\ndriver = \"ds18b20\"\n"
	for _, c := range []struct {
		name, config string
		files        map[string]string
		want         string
	}{
		{"all there, each once", chips, map[string]string{"dev/i2c-3": "", "dev/spidev0.1": ""}, "ok    /dev/i2c-3     can be opened\nok    /dev/spidev0.1  can be opened\n"},
		{
			"the module i2c-dev is missing", chips,
			map[string]string{"sys/bus/i2c/devices/i2c-3/name": "", "dev/spidev0.1": ""},
			"FAIL  /dev/i2c-3     missing\n      hint: " + drivers.EnableI2CDev + "\nok    /dev/spidev0.1  can be opened\n",
		},
		{"what is there is no device", chips, map[string]string{"dev/i2c-3/x": "", "dev/spidev0.1": ""}, "FAIL  /dev/i2c-3     is a directory\n      hint: " + drivers.EnableI2C + "\nok    /dev/spidev0.1  can be opened\n"},
		{"no 1-Wire", wire, nil, "FAIL  1-Wire         no bus in /sys/bus/w1/devices\n      hint: " + drivers.EnableW1 + "\n"},
		{
			"no probe", wire,
			map[string]string{w1 + "w1_bus_master1/x": ""},
			"FAIL  1-Wire         no probe answers on the kernel's bus\n      hint: check the wiring of DQ, GND and VDD, and the pull-up of 4.7 kΩ from DQ to 3.3 V\n",
		},
		{
			"no driver for the probe", wire,
			map[string]string{w1 + "w1_bus_master1/x": "", w1 + "28-0316a2794fff/id": ""},
			"FAIL  1-Wire         the kernel sees 28-0316a2794fff and has no driver for it\n      hint: sudo modprobe w1-therm; or, if this kernel has none, driver = \"w1netlink\"\n",
		},
		{
			"a probe", wire,
			map[string]string{w1 + "28-0316a2794fff/w1_slave": ""},
			"ok    1-Wire         1 probe on the kernel's buses\n",
		},
		{"none is needed", fixture.OneSensor, nil, ""},
	} {
		v := newVisit(t, fixture.Machine(t, c.files), c.config)
		r, loaded := v.load(t)
		if checkBuses(r, v.host, loaded); v.out.String() != c.want {
			t.Errorf("%s: got %q, want %q", c.name, v.out, c.want)
		}
	}
}

func TestDevicesThatTheServiceCannotOpen(t *testing.T) {
	info, err := os.Stat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	n := node{"/dev/i2c-1", "i2c", ""}
	if got := n.closedTo(info); got != "" {
		t.Errorf("got %q of a device that is open to all, want nothing", got)
	}
	closed := modeOf{info, info.Mode()&^fs.ModePerm | 0o600}
	if got := n.closedTo(closed); !strings.HasPrefix(got, "belongs to group root with mode 0600: ") {
		t.Errorf("got %q, want that it belongs to root", got)
	}
	n.group = "root"
	if got := n.closedTo(modeOf{info, info.Mode()&^fs.ModePerm | 0o660}); got != "" {
		t.Errorf("got %q of a device of its group, want nothing", got)
	}
}

// modeOf is a file with another mode.
type modeOf struct {
	fs.FileInfo
	mode fs.FileMode
}

func (m modeOf) Mode() fs.FileMode { return m.mode }

func TestDoctorReadsEachSensorSeveralTimes(t *testing.T) {
	mock := func(script string) string {
		return "[[sensor]]\nname = \"a\"\ndriver = \"mock\"\noptions = { values = [28.4], script = \"" + script + "\" }\n"
	}
	const crc = "rejected (crc): simulated"
	for _, c := range []struct {
		name, config string
		status       string
		want         string // what it says
		hint         string
	}{
		{"one of twenty is false", mock("ok*19, crc"), "warn", "1 of 20 reads failed (1 crc), the last: read: " + crc, "check the cable"},
		{"two of twenty are false", mock("ok*9, crc"), "FAIL", "2 of 20 reads failed (2 crc), the last: read: " + crc, "check the cable"},
		{"all are false", mock("crc"), "FAIL", "read: " + crc, "check the cable"},
		{"85 °C after power-up", mock("ok, power-on-85"), "FAIL", "10 of 20 reads failed (10 power-on)", "the probe loses its power"},
		{"it is gone", mock("unplug*99"), "FAIL", "read: ", ""},
	} {
		v := newVisit(t, t.TempDir(), c.config)
		r, loaded := v.load(t)
		v.probes(r, loaded).check(t.Context(), map[string]bool{})
		out := v.out.String()
		if !strings.HasPrefix(out, c.status+" ") || !strings.Contains(out, "  a              "+c.want) || !strings.Contains(out, "hint: "+c.hint) == (c.hint != "") {
			t.Errorf("%s: got\n%s\nwant %s %q and the hint %q", c.name, out, c.status, c.want, c.hint)
		}
	}
}

func TestDoctorSkipsAnOptionalSensorThatIsNotThere(t *testing.T) {
	v := newVisit(t, t.TempDir(), fixture.OneSensor+"[[sensor]]\nname = \"pond\"\ndriver = \"ds18b20\"\noptional = true\noptions = { id = \"28-0316a279aaaa\" }\n")
	r, c := v.load(t)
	v.probes(r, c).check(t.Context(), checkBuses(r, v.host, c))
	want := "skip  pond           optional, not present: open: "
	if got := v.out.String(); !strings.Contains(got, want) || strings.Contains(got, "FAIL") {
		t.Errorf("got\n%s\nwant %q and no failure", got, want)
	}
}

func TestDoctorSuspectsThePullUp(t *testing.T) {
	root := fixture.Desk(t, map[string]string{"sys/bus/w1/devices/28-0316a279aaaa/w1_slave": strings.Replace(fixture.GoodPad, "57 : crc=57 YES", "58 : crc=57 NO", 1)})
	v := newVisit(t, root, "[[sensor]]\nname = \"a\"\ndriver = \"ds18b20\"\noptions = { id = \"28-0316a279aaaa\" }\n")
	v.Reader = func(bus string) int { return map[string]int{"w1": 77}[bus] }
	r, c := v.load(t)
	v.probes(r, c).check(t.Context(), map[string]bool{})
	for _, want := range []string{"FAIL  a              read: rejected (crc): ", "hint: a weak pull-up is likely: 4.7 kΩ", "hint: the daemon (process 77) reads from the same bus: stop it, then try again"} {
		if !strings.Contains(v.out.String(), want) {
			t.Errorf("got\n%s\nwant %q", v.out, want)
		}
	}
}
