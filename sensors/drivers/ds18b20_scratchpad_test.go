package drivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sensorpub/sensors"
)

// slave formats a scratchpad as the kernel does, with a correct checksum.
func slave(pad ...byte) string {
	pad = append(slices.Clone(pad), crc8(pad))
	return fmt.Sprintf("% x : crc=%02x YES\n% x t=12345\n", pad, pad[8], pad)
}

const (
	idB20 = "28-0316a2794fff"
	idS20 = "10-000802b4ba0e"
	idK   = "3b-0000001921e8"
)

func TestParseSlave(t *testing.T) {
	tests := []struct {
		name, id, text string
		want           float64
		powerOn        bool
		reason         string // of a rejection, or the error's text
	}{
		{"12 bits", idB20, "c6 01 4b 46 7f ff 0a 10 17 : crc=17 YES\nc6 01 4b 46 7f ff 0a 10 17 t=28375\n", 28.375, false, ""},
		{"the data sheet's 25.0625", idB20, slave(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10), 25.0625, false, ""},
		{"zero", idB20, slave(0x00, 0x00, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10), 0, false, ""},
		{"the step below zero", idB20, slave(0xff, 0xff, 0x4b, 0x46, 0x7f, 0xff, 0x01, 0x10), -0.0625, false, ""},
		{"the data sheet's -25.0625", idB20, slave(0x6f, 0xfe, 0x4b, 0x46, 0x7f, 0xff, 0x01, 0x10), -25.0625, false, ""},
		{"the lowest", idB20, slave(0x90, 0xfc, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10), -55, false, ""},
		{"the highest", idB20, slave(0xd0, 0x07, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10), 125, false, ""},
		{"9 bits leave three undefined", idB20, slave(0x97, 0x01, 0x4b, 0x46, 0x1f, 0xff, 0x0f, 0x10), 25, false, ""},
		{"10 bits leave two undefined", idB20, slave(0x97, 0x01, 0x4b, 0x46, 0x3f, 0xff, 0x0f, 0x10), 25.25, false, ""},
		{"11 bits leave one undefined", idB20, slave(0x97, 0x01, 0x4b, 0x46, 0x5f, 0xff, 0x0f, 0x10), 25.375, false, ""},
		{"9 bits below zero", idB20, slave(0xff, 0xff, 0x4b, 0x46, 0x1f, 0xff, 0x0f, 0x10), -0.5, false, ""},
		{"14 bits of a GX20MH01", idB20, slave(0x91, 0x01, 0x4b, 0x46, 0xa3, 0xff, 0x0f, 0x10), 25.109375, false, ""},
		{"14 bits below zero", idB20, slave(0xff, 0xff, 0x4b, 0x46, 0xa3, 0xff, 0x0f, 0x10), -0.015625, false, ""},
		{"a DS1822", "22-0000001921e8", slave(0xc6, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10), 28.375, false, ""},
		{"a DS28EA00", "42-0000001921e8", slave(0xc6, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10), 28.375, false, ""},
		{"power-on 85 °C", idB20, "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n", 85, true, ""},
		{"a true 85 °C of a genuine probe", idB20, slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x10, 0x10), 85, false, ""},
		{"127.94 °C for want of power", idB20, slave(0xff, 0x07, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10), 0, false, "range"},
		{"just too low", idB20, slave(0x8f, 0xfc, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10), 0, false, "range"},

		{"a DS18S20", idS20, slave(0x32, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10), 25, false, ""},
		{"a DS18S20 with its half degree", idS20, slave(0x33, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x03, 0x10), 25.5625, false, ""},
		{"a DS18S20 below zero", idS20, slave(0xff, 0xff, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10), -1, false, ""},
		{"a DS18S20 far below zero", idS20, slave(0xce, 0xff, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x10), -25, false, ""},
		{"a DS18S20 after power-on", idS20, "aa 00 4b 46 ff ff 0c 10 87 : crc=87 YES\naa 00 4b 46 ff ff 0c 10 87 t=85000\n", 85, true, ""},
		{"a DS18S20 at a true 85 °C", idS20, slave(0xab, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0b, 0x10), 85.0625, false, ""},
		{"a DS18S20 without a count per degree", idS20, slave(0x32, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x0c, 0x00), 0, false, "range"},

		{"a DS1825", idK, slave(0xc6, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10), 28.375, false, ""},
		{"a DS1825 at 9 bits with its location", idK, slave(0xc6, 0x01, 0x4b, 0x46, 0x13, 0xff, 0x0a, 0x10), 28, false, ""},
		{"a thermocouple", idK, slave(0x06, 0x64, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff), 1600.25, false, ""},
		{"a thermocouple below zero", idK, slave(0xfc, 0xff, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff), -0.25, false, ""},
		{"a thermocouple that is open", idK, slave(0x01, 0x00, 0x91, 0x19, 0xf0, 0xff, 0xff, 0xff), 0, false, "fault"},
		{"a thermocouple out of range", idK, slave(0x00, 0x80, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff), 0, false, "range"},

		{"a DS1822 after power-on", "22-0000001921e8", slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10), 85, true, ""},
		{"a DS1825 after power-on", idK, slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10), 85, true, ""},
		{"a DS1825 after power-on with another reserved byte", idK, slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0xff, 0x10), 85, true, ""},
		{"a DS28EA00 after power-on", "42-0000001921e8", slave(0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0xff, 0xff), 85, true, ""},
		{"a MAX31850 after power-on", idK, "00 00 00 00 f0 ff ff ff 17 : crc=17 YES\n00 00 00 00 f0 ff ff ff 17 t=0\n", 0, true, ""},
		{"a MAX31850 at 0 °C in a warm room", idK, slave(0x00, 0x00, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff), 0, false, ""},
		{"a MAX31850 at a true 85 °C", idK, slave(0x50, 0x05, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff), 85, false, ""},

		{"all zero with a right checksum", idB20, "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n", 0, false, "all-zero"},
		{"the kernel's NO with an older t=", idB20, "c6 01 4b 46 7f ff 0a 10 16 : crc=17 NO\nc6 01 4b 46 7f ff 0a 10 17 t=28375\n", 0, false, "crc"},
		{"the kernel's NO although the checksum fits", idB20, "c6 01 4b 46 7f ff 0a 10 17 : crc=17 NO\n", 0, false, "crc"},
		{"a YES that is not true", idB20, "c7 01 4b 46 7f ff 0a 10 17 : crc=17 YES\n", 0, false, "crc"},
		{"nobody on the bus", idB20, "ff ff ff ff ff ff ff ff ff : crc=c9 NO\n", 0, false, "crc"},
		{"eight bytes", idB20, "c6 01 4b 46 7f ff 0a 10 : crc=17 YES\n", 0, false, `w1_slave says "c6 01 4b 46 7f ff 0a 10 : crc=17 YES", want nine bytes and a verdict`},
		{"no verdict", idB20, "c6 01 4b 46 7f ff 0a 10 17", 0, false, "crc"},
		{"bytes that are none", idB20, "c6 01 4b 46 7f ff 0a 10 xx : crc=17 YES\n", 0, false, `w1_slave says "c6 01 4b 46 7f ff 0a 10 xx : crc=17 YES", want nine bytes and a verdict`},
		{"words without spaces", idB20, "c6014b467fff0a1017 : crc=17 YES\n", 0, false, `w1_slave says "c6014b467fff0a1017 : crc=17 YES", want nine bytes and a verdict`},
		{"only t=", idB20, "\nt=28375\n", 0, false, `w1_slave says "", want nine bytes and a verdict`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, powerOn, err := parseSlave(tt.id, []byte(tt.text))
			if reason := outcome(err); reason != tt.reason {
				t.Fatalf("got %q, want %q", reason, tt.reason)
			}
			if got != tt.want || powerOn != tt.powerOn {
				t.Errorf("got %v and power-on %v, want %v and %v", got, powerOn, tt.want, tt.powerOn)
			}
		})
	}
}

func TestParseMillis(t *testing.T) {
	tests := []struct {
		name, id, text string
		want           float64
		powerOn        bool
		reason         string
	}{
		{"above zero", idB20, "28375\n", 28.375, false, ""},
		{"below zero", idB20, "-62\n", -0.062, false, ""},
		{"zero", idB20, "0\n", 0, false, ""},
		{"85 °C", idB20, "85000\n", 85, true, ""},
		{"85 °C of a DS18S20", idS20, "85000\n", 85, true, ""},
		{"0 °C where it can be a MAX31850", idK, "0\n", 0, true, ""},
		{"85 °C nearly", idB20, "85062\n", 85.062, false, ""},
		{"127.937 °C", idB20, "127937\n", 0, false, "range"},
		{"-127 °C", idB20, "-127000\n", 0, false, "range"},
		{"a thermocouple", idK, "1600250\n", 1600.25, false, ""},
		{"too many digits", idB20, "99999999999999999999\n", 0, false, "range"},
		{"more than 32 bits", idB20, "4294967296\n", 0, false, "range"},
		{"a fraction", idB20, "28.5\n", 0, false, `temperature says "28.5\n", want thousandths of a degree`},
		{"NaN", idB20, "NaN\n", 0, false, `temperature says "NaN\n", want thousandths of a degree`},
		{"blank", idB20, "\n", 0, false, `temperature says "\n", want thousandths of a degree`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, powerOn, err := parseMillis(tt.id, []byte(tt.text))
			if reason := outcome(err); reason != tt.reason {
				t.Fatalf("got %q, want %q", reason, tt.reason)
			}
			if got != tt.want || powerOn != tt.powerOn {
				t.Errorf("got %v and power-on %v, want %v and %v", got, powerOn, tt.want, tt.powerOn)
			}
		})
	}
}

// The kernel's own formulas, in its thousandths of a degree.
func TestCelsiusAgreesWithTheKernel(t *testing.T) {
	for raw := -55 * 16; raw <= 125*16; raw++ {
		pad := scratchpad{byte(raw), byte(raw >> 8), 0x4b, 0x46, 0x7f}
		if got, err := pad.celsius(idB20); err != nil || int(got*1000) != raw*1000/16 {
			t.Errorf("DS18B20 %d: got %v and %v, want %v", raw, got, err, raw*1000/16)
		}
	}
	for raw := -54 * 2; raw <= 124*2; raw++ {
		for remain := 1; remain <= 16; remain++ {
			pad := scratchpad{byte(raw), byte(raw >> 8), 0x4b, 0x46, 0xff, 0xff, byte(remain), 16}
			want := (raw>>1)*1000 - 250 + 1000*(16-remain)/16
			got, err := pad.celsius(idS20)
			if diff := got*1000 - float64(want); err != nil || diff < -0.001 || diff > 1 {
				t.Errorf("DS18S20 %d, %d: got %v and %v, want %v", raw, remain, got, err, want)
			}
		}
	}
}

// Whatever the file holds, a value has a correct checksum, the kernel's YES, and is in
// the range of its kind.
func FuzzW1Slave(f *testing.F) {
	ids := []string{idB20, idS20, idK, "22-0000001921e8", "42-0000001921e8"}
	f.Add(uint8(0), []byte(slave(0xc6, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10)))
	f.Add(uint8(1), []byte(slave(0x33, 0x00, 0x4b, 0x46, 0xff, 0xff, 0x03, 0x10)))
	f.Add(uint8(2), []byte(slave(0x06, 0x64, 0x90, 0x19, 0xf0, 0xff, 0xff, 0xff)))
	f.Add(uint8(0), []byte("00 00 00 00 00 00 00 00 00 : crc=00 YES\n"))
	f.Add(uint8(0), []byte("c6 01 4b 46 7f ff 0a 10 17 : crc=17 NO\n"))
	f.Add(uint8(3), []byte("28375\n"))
	f.Fuzz(func(t *testing.T, which uint8, text []byte) {
		id := ids[int(which)%len(ids)]
		q := w1Range(id)
		if got, _, err := parseMillis(id, text); err == nil && (got < q.Min || got > q.Max) {
			t.Errorf("parseMillis(%q): got %v, want %v to %v", text, got, q.Min, q.Max)
		}
		got, _, err := parseSlave(id, text)
		if err != nil {
			return
		}
		if got < q.Min || got > q.Max {
			t.Errorf("parseSlave(%q): got %v, want %v to %v", text, got, q.Min, q.Max)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		pad, ok := parseBytes(strings.SplitN(line, ":", 2)[0])
		if !ok || crc8(pad[:]) != 0 || pad == (scratchpad{}) || !strings.Contains(line, "YES") {
			t.Errorf("parseSlave(%q): got %v, want none", text, got)
		}
	})
}

// The scratchpads that a noisy line makes: one bit wrong is always noticed.
func TestOneBitWrong(t *testing.T) {
	good := []byte{0xc6, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0a, 0x10, 0x17}
	for bit := range 8 * len(good) {
		pad := slices.Clone(good)
		pad[bit/8] ^= 1 << (bit % 8)
		_, _, err := parseSlave(idB20, fmt.Appendf(nil, "% x : crc=17 YES\n", pad))
		var r *sensors.Rejection
		if !errors.As(err, &r) || r.Reason != sensors.CRC {
			t.Errorf("bit %d: got %v, want %v", bit, err, sensors.CRC)
		}
	}
}
