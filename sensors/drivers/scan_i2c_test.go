package drivers

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// lines words what was found, without readings.

func lines(surveys []Survey) (out []string) {
	for _, v := range surveys {
		out = append(out, v.Title)
		for _, f := range v.Finds {
			line := "  " + f.Place + " " + f.Name
			if f.Driver != "" {
				line += " -> " + f.Driver
			}
			if f.Note != "" {
				line += "; " + f.Note
			}
			out = append(out, line)
		}
		if v.Err != nil {
			out = append(out, "  error: "+v.Err.Error())
		}
	}
	return out
}

// What is not a thermometer's address is never written to, and what is

// reserved is not even read.

func TestScanWritesOnlyWhereAThermometerMayBe(t *testing.T) {
	chips := make(map[uint16]boardChip)
	for addr := uint16(0); addr < 0x80; addr++ {
		chips[addr] = withRegisters(0, nil)
	}
	for _, chips := range []map[uint16]boardChip{chips, nil} {
		b, h := newBoard(t, chips)
		Scanner{Host: h}.i2c()
		for addr := uint16(0); addr < 0x80; addr++ {
			may := false
			for _, s := range suspects() {
				may = may || s.first <= addr && addr <= s.last
			}
			if b.asked[addr] != (addr >= 0x08 && addr <= 0x77) {
				t.Errorf("%#x: asked %v", addr, b.asked[addr])
			}
			eeprom := addr >= 0x30 && addr <= 0x37 || addr >= 0x50 && addr <= 0x5f
			if b.written[addr] && (!may || eeprom) {
				t.Errorf("%#x: was written to", addr)
			}
		}
	}
}

// While a daemon runs, nothing comes between its commands and their answers.

func TestPassiveScanSendsNoCommand(t *testing.T) {
	b, h := newBoard(t, map[uint16]boardChip{
		0x40: withRegisters(0, map[byte][]byte{0xE7: {0x02}}),
		0x44: withCommands(map[string][]byte{"\x89": withSums(0xff, 0x1234, 0x5678)}),
		0x48: withRegisters(0, map[byte][]byte{0x0f: {0x01, 0x17}}),
		0x62: withRegisters(0, nil),
		0x76: asMux(),
		0x77: withRegisters(0x80, map[byte][]byte{0xD0: {0x60}}),
	})
	got := lines(Scanner{Host: h, Passive: true, Mux: true}.i2c())
	want := []string{
		"I²C bus 1, bcm2835 (i2c@7e804000)",
		"  0x40 unknown chip; perhaps INA219 or PCA9685",
		"  0x48 TMP117 -> tmp117",
		"  0x62 unknown chip; perhaps SCD4x",
		"  0x76 unknown chip; perhaps BME280, BMP280 or MS5611",
		"  0x77 BME280 -> bme280",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, addr := range []uint16{0x40, 0x44, 0x45, 0x62, 0x76} {
		if b.written[addr] {
			t.Errorf("%#x: was written to", addr)
		}
	}
}

func TestScanLeavesWhatTheKernelDrivesAlone(t *testing.T) {
	b, h := newBoard(t, map[uint16]boardChip{0x76: withRegisters(0, map[byte][]byte{0xD0: {0x60}})})
	tr := tree{t, h.Root}
	tr.files("sys/bus/i2c/devices/1-0076", "name", "bme280")
	tr.link("sys/bus/i2c/devices/1-0076/driver", "sys/bus/i2c")
	got := lines(Scanner{Host: h}.i2c())
	want := []string{"I²C bus 1, bcm2835 (i2c@7e804000)", "  0x76 bme280; used by a kernel driver, see hwmon and iio"}
	if !slices.Equal(got, want) || b.asked[0x76] {
		t.Errorf("got %q and asked %v, want %q and false", got, b.asked[0x76], want)
	}
}

func TestScanGivesUpABusThatDoesNotWork(t *testing.T) {
	b, h := newBoard(t, nil)
	b.err = syscall.EIO
	got := lines(Scanner{Host: h}.i2c())
	want := []string{"I²C bus 1, bcm2835 (i2c@7e804000)", "  error: the bus does not work: input/output error; SDA or SCL may be held low"}
	if !slices.Equal(got, want) || len(b.asked) != maxHitches {
		t.Errorf("got %q after %d addresses, want %q after %d", got, len(b.asked), want, maxHitches)
	}
}

// An adapter of SMBus cannot ask a chip without a register.
func TestScanOfAnSMBusAdapter(t *testing.T) {
	b, h := newBoard(t, nil)
	b.err = errors.New("sysfs-i2c: " + syscall.EOPNOTSUPP.Error()) // as periph words it
	want := []string{"I²C bus 1, bcm2835 (i2c@7e804000)", "  error: its adapter supports SMBus messages only, not I²C"}
	if got := lines(Scanner{Host: h}.i2c()); !slices.Equal(got, want) || len(b.asked) != 1 {
		t.Errorf("got %q after %d addresses, want %q after one", got, len(b.asked), want)
	}
}

func TestScanBehindMultiplexers(t *testing.T) {
	mux := asMux()
	chips := map[uint16]boardChip{0x70: mux, 0x48: withRegisters(0, map[byte][]byte{0x0f: {0x01, 0x17}})}
	b, h := newBoard(t, chips)
	bme := withRegisters(0, map[byte][]byte{0xD0: {0x60}})
	b.behind = map[byte]map[uint16]boardChip{1 << 0: {0x76: bme}, 1 << 3: {0x76: bme, 0x77: bme}}
	got := Scanner{Host: h, Mux: true}.i2c()
	want := []string{
		"I²C bus 1, bcm2835 (i2c@7e804000)",
		"  0x48 TMP117 -> tmp117",
		"  0x70 " + muxName,
		"I²C bus 1, multiplexer 0x70, channel 0",
		"  0x76 BME280 -> bme280",
		"I²C bus 1, multiplexer 0x70, channel 3",
		"  0x76 BME280 -> bme280",
		"  0x77 BME280 -> bme280",
	}
	if !slices.Equal(lines(got), want) {
		t.Fatalf("got %q, want %q", lines(got), want)
	}
	options := map[string]any{"bus": "1", "address": int64(0x77), "mux": int64(0x70), "channel": int64(3)}
	if f := got[2].Finds[1]; !reflect.DeepEqual(f.Options, options) {
		t.Errorf("got the options %v, want %v", f.Options, options)
	}
	if b.channel != 0 {
		t.Errorf("got channels %#x left connected, want none", b.channel)
	}
}

func TestScanConnectsAgainWhatAMultiplexerHadConnected(t *testing.T) {
	b, h := newBoard(t, map[uint16]boardChip{0x77: asMux()})
	b.channel = 0x04
	if got := lines(Scanner{Host: h}.i2c()); len(got) != 2 || got[1] != "  0x77 "+muxName || b.channel != 0x04 {
		t.Errorf("got %q and channels %#x, want the multiplexer and 0x4", got, b.channel)
	}
}

func TestScanOfAMachineWithoutI2C(t *testing.T) {
	tr := newTree(t)
	want := Survey{Title: "I²C", Looked: "/dev/i2c-*", Hint: EnableI2C}
	if got := (Scanner{Host: tr.host()}).i2c(); !reflect.DeepEqual(got, []Survey{want}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	tr.files("sys/bus/i2c/devices/i2c-1", "name", "bcm2835")
	want.Err, want.Hint = errors.New("the kernel has bus 1, but no device node for it"), EnableI2CDev
	if got := (Scanner{Host: tr.host()}).i2c(); got[0].Hint != want.Hint || outcome(got[0].Err) != want.Err.Error() {
		t.Errorf("got %+v, want %+v", got, want)
	}
	tr.files("dev", "i2c-1", "", "i2c-11", "", "i2c-2", "", "i2c-x", "")
	titles := []string{}
	for _, v := range (Scanner{Host: tr.host()}).i2c() {
		titles = append(titles, v.Title)
		if !strings.Contains(outcome(v.Err), "is not an I²C bus") {
			t.Errorf("got %v, want that a file of a test is not a bus", v.Err)
		}
	}
	if want := []string{"I²C bus 1, bcm2835", "I²C bus 2", "I²C bus 11"}; !slices.Equal(titles, want) {
		t.Errorf("got %q, want %q", titles, want)
	}
}

// Each driver that scan names is in the table.
