package drivers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"sensorpub/sensors"
)

// What chips answer, most of it from the tables and examples of their data
// sheets, and what it must come to: exact values, or why there is none. A
// checksum that reads ".." is computed.
var dumps = []struct {
	name, bench, dump string
	want              string
}{
	{"SHT3x: 0.4 of the scale", "sht3x", "6666.. 8000..", "25 50.000762951094835"},
	{"SHT3x: the data sheet's word for the checksum", "sht3x", "beef92 0000..", "85.52300297550926 0"},
	{"SHT3x: below zero, and as damp as can be", "sht3x", "3333.. ffffac", "-10 100"},
	{"SHT3x: just above zero", "sht3x", "41d5.. 7fff..", "0.0030518043793392735 49.999237048905165"},
	{"SHT3x: the lowest temperature", "sht3x", "0751.. 8000..", "-39.99847409781033 50.000762951094835"},
	{"SHT3x: a temperature that it cannot have", "sht3x", "000081 8000..", "range"},
	{"SHT3x: a temperature too high", "sht3x", "ffffac 8000..", "range"},
	{"SHT3x: a wrong checksum of the temperature", "sht3x", "666600 8000..", "crc"},
	{"SHT3x: a wrong checksum of the humidity", "sht3x", "6666.. 800000", "crc"},
	{"SHT3x: the bus is held low", "sht3x", "000000 000000", "all-zero"},
	{"SHT3x: nobody drives the bus", "sht3x", "ffffff ffffff", "crc"},

	{"HDC302x: 0.4 of the scale", "hdc302x", "6666.. 8000..", "25 50.000762951094835"},
	{"HDC302x: below zero", "hdc302x", "3333.. 3333..", "-10 20"},
	{"HDC302x: one bit wrong", "hdc302x", "6667.. 800000", "crc"},
	{"HDC302x: the bus is held low", "hdc302x", "000000 000000", "all-zero"},

	{"SHT4x: 0.4 and half of the scale", "sht4x", "6666.. 8000..", "25 56.50095368886854"},
	{"SHT4x: below zero", "sht4x", "3333.. 5eb9..", "-10 40.252002746623944"},
	{"SHT4x: drier than dry", "sht4x", "6666.. 0c00..", "25 0"},
	{"SHT4x: damper than damp", "sht4x", "6666.. ffffac", "25 100"},
	{"SHT4x: a temperature that it cannot have", "sht4x", "000081 ffffac", "range"},
	{"SHT4x: a wrong checksum", "sht4x", "666692 8000..", "crc"},

	{"HTU21D: the data sheet's words", "htu21d", "683a7c 6352..", "24.686401367187493 42.492431640625"},
	{"HTU21D: below zero", "htu21d", "2ffc.. 4e86..", "-13.913225097656252 32.33770751953125"},
	{"HTU21D: drier than dry", "htu21d", "6838.. 0002..", "24.686401367187493 0"},
	{"HTU21D: damper than damp", "htu21d", "6838.. fffe..", "24.686401367187493 100"},
	{"HTU21D: a temperature that it cannot have", "htu21d", "fffc.. 6352..", "range"},
	{"HTU21D: the data sheet's third checksum, in place of another", "htu21d", "683a79 6352..", "crc"},
	{"HTU21D: zeros, which are their own checksum", "htu21d", "683a7c 000000", "all-zero"},
	{"HTU21D: the data sheet's other word, with a status", "htu21d", "683a7c 4e856b", "24.686401367187493 32.33770751953125"},
	{"Si7021: the same, whatever the status", "si7021", "683b.. 6350..", "24.686401367187493 42.492431640625"},
	{"Si7021: 25 °C", "si7021", "68ac.. 7c82..", "24.99742919921875 54.791015625"},

	{"TMP117: 150 °C", "tmp117", "4b00", "150"},
	{"TMP117: 100 °C", "tmp117", "3200", "100"},
	{"TMP117: 25 °C", "tmp117", "0c80", "25"},
	{"TMP117: one step", "tmp117", "0001", "0.0078125"},
	{"TMP117: zero", "tmp117", "0000", "0"},
	{"TMP117: one step below zero", "tmp117", "ffff", "-0.0078125"},
	{"TMP117: -25 °C", "tmp117", "f380", "-25"},
	{"TMP117: -55 °C", "tmp117", "e480", "-55"},
	{"TMP117: no conversion yet", "tmp117", "8000", "power-on"},
	{"TMP117: the end of its scale", "tmp117", "7fff", "range"},

	{"TMP102: the end of its scale", "tmp102", "7ff0", "range"},
	{"TMP102: 100 °C", "tmp102", "6400", "100"},
	{"TMP102: 0.25 °C", "tmp102", "0040", "0.25"},
	{"TMP102: zero", "tmp102", "0000", "0"},
	{"TMP102: -0.25 °C", "tmp102", "ffc0", "-0.25"},
	{"TMP102: -25 °C", "tmp102", "e700", "-25"},
	{"TMP102: -55 °C, for which it is not made", "tmp102", "c900", "range"},
	{"TMP102: nobody drives the bus", "tmp102", "ffff", "the temperature has bits set that are always zero, as if there were no chip"},
	{"TMP102: 150 °C in extended mode", "tmp102 extended", "4b01", "150"},
	{"TMP102: 128 °C in extended mode", "tmp102 extended", "4001", "128"},
	{"TMP102: zero in extended mode", "tmp102 extended", "0001", "0"},
	{"TMP102: -0.25 °C in extended mode", "tmp102 extended", "ffe1", "-0.25"},

	{"LM75: 125 °C", "lm75", "7d00", "125"},
	{"LM75: half a degree", "lm75", "0080", "0.5"},
	{"LM75: zero", "lm75", "0000", "0"},
	{"LM75: half a degree below zero", "lm75", "ff80", "-0.5"},
	{"LM75: -55 °C", "lm75", "c900", "-55"},
	{"LM75: undefined bits after nine", "lm75", "197f", "25"},
	{"LM75: undefined bits after nine, below zero", "lm75", "e7ff", "-24.5"},
	{"LM75: all ones, which is a true value of nine bits", "lm75", "ffff", "-0.5"},
	{"LM75B: 0.125 °C", "lm75b", "0020", "0.125"},
	{"LM75B: -0.125 °C", "lm75b", "ffe0", "-0.125"},
	{"LM75B: -54.875 °C", "lm75b", "c920", "-54.875"},
	{"LM75B: the end of its scale", "lm75b", "7ee0", "range"},
	{"TMP75: 127.9375 °C", "tmp75", "7ff0", "range"},
	{"TMP75: 0.25 °C", "tmp75", "0040", "0.25"},
	{"TMP75: zero", "tmp75", "0000", "0"},
	{"TMP75: one step below zero", "tmp75", "fff0", "-0.0625"},

	{"AHT20: a reading", "aht20", "18 7552 058e40 7f", "19.44580078125 45.8282470703125"},
	{"AHT20: half of the scale", "aht20", "18 8000 080000 ..", "50 50"},
	{"AHT20: zero", "aht20", "1c 8000 040000 ..", "0 50"},
	{"AHT20: below zero", "aht20", "18 8000 030000 ..", "-12.5 50"},
	{"AHT20: below its range", "aht20", "18 8000 000000 ..", "range"},
	{"AHT20: a wrong checksum", "aht20", "18 7552 058e40 7e", "crc"},
	{"AHT20: the bus is held low", "aht20", "00 0000 000000 00", "all-zero"},
	{"AHT20: its calibration is lost", "aht20", "10 7552 058e40 ..", "the chip has lost its calibration"},

	{"AM2320: the data sheet's example", "am2320", "0304 0339 0115 e1fe", "27.7 82.5"},
	{"AM2320: the data sheet's other example", "am2320", "0304 01f4 00fa 31a5", "25 50"},
	{"AM2320: -10.1 °C, with a sign and not in two's complement", "am2320", "0304 0292 8065 ....", "-10.1 65.8"},
	{"AM2320: zero", "am2320", "0304 01f4 0000 ....", "0 50"},
	{"AM2320: zero with a sign", "am2320", "0304 01f4 8000 ....", "0 50"},
	{"AM2320: a clone's two's complement", "am2320", "0304 01f4 ff9b ....", "range"},
	{"AM2320: a wrong checksum", "am2320", "0304 0339 0115 e1ff", "crc"},
	{"AM2320: an error code", "am2320", "8380 0339 0115 ....", "fault"},
	{"AM2320: the bus is held low", "am2320", "0000 0000 0000 0000", "all-zero"},

	{"SCD4x: the data sheet's example", "scd4x", "01f433 6667a2 5eb93c", "500 25.002670328831925 37.00160219729916"},
	{"SCD4x: below zero", "scd4x", "01f433 3333.. 8000..", "500 -10 50.000762951094835"},
	{"SCD4x: 0 ppm was not measured", "scd4x", "000081 6667a2 5eb93c", "power-on"},
	{"SCD4x: more than it measures", "scd4x", "ffffac 6667a2 5eb93c", "range"},
	{"SCD4x: a wrong checksum in the middle", "scd4x", "01f433 6667a3 5eb93c", "crc"},
	{"SCD4x: the bus is held low", "scd4x", "000000 000000 000000", "all-zero"},

	{"MAX31855: 1600 °C", "max31855", "6400 1900", "1600"},
	{"MAX31855: 1000 °C", "max31855", "3e80 6490", "1000"},
	{"MAX31855: 100.75 °C", "max31855", "064c 1900", "100.75"},
	{"MAX31855: zero", "max31855", "0000 1900", "0"},
	{"MAX31855: a step below zero, and a cold end as cold", "max31855", "fffc fff0", "-0.25"},
	{"MAX31855: -250 °C, with a cold end of -55", "max31855", "f060 c900", "-250"},
	{"MAX31855: nothing is connected", "max31855", "0191 1901", "fault"},
	{"MAX31855: shorted to GND", "max31855", "0191 1902", "fault"},
	{"MAX31855: shorted to VCC", "max31855", "0191 1904", "fault"},
	{"MAX31855: the fault bit alone", "max31855", "0191 1900", "fault"},
	{"MAX31855: -2048 °C", "max31855", "8000 1900", "range"},
	{"MAX31855: a cold end of -128 °C", "max31855", "0190 8000", "range"},
	{"MAX31855: MISO is held low", "max31855", "0000 0000", "all-zero"},
	{"MAX31855: nobody drives MISO", "max31855", "ffff ffff", "bits are set that are always zero, as if there were no MAX31855"},

	{"MAX31865: PT100 at zero", "max31865", "81 4000 ffff 0000 00", "0"},
	{"MAX31865: PT1000 at zero, with three wires and 60 Hz", "max31865 pt1000", "90 4000 ffff 0000 00", "0"},
	{"MAX31865: full scale, an open resistor", "max31865", "81 fffe ffff 0000 00", "range"},
	{"MAX31865: nothing, a shorted resistor", "max31865", "81 0000 ffff 0000 00", "range"},
	{"MAX31865: the fault bit of the resistance", "max31865", "81 4001 ffff 0000 20", "fault"},
	{"MAX31865: FORCE- is open, and the value looks true", "max31865", "81 4000 ffff 0000 08", "fault"},
	{"MAX31865: an overvoltage", "max31865", "81 4000 ffff 0000 04", "fault"},
	{"MAX31865: it was reset while it measured", "max31865", "00 0000 ffff 0000 00", "power-on"},
	{"MAX31865: MISO is held low", "max31865", "00 0000 0000 0000 00", "all-zero"},
	{"MAX31865: nobody drives MISO", "max31865", "ff ffff ffff ffff ff", "all registers are 0xff, as if there were no MAX31865"},

	{"DS2482: the data sheet's 25.0625 °C", "ds2482", "9101 4b46 7fff 0f10 ..", "25.0625"},
	{"DS2482: -25.0625 °C", "ds2482", "6ffe 4b46 7fff 0110 ..", "-25.0625"},
	{"DS2482: zero", "ds2482", "0000 4b46 7fff 1010 ..", "0"},
	{"DS2482: a true 85 °C", "ds2482", "5005 4b46 7fff 1010 ..", "85"},
	{"DS2482: 85 °C after power-on", "ds2482", "5005 4b46 7fff 0c10 1c", "power-on"},
	{"DS2482: 127.94 °C for want of power", "ds2482", "ff07 4b46 7fff 0c10 ..", "range"},
	{"DS2482: all zero with a right checksum", "ds2482", "0000 0000 0000 0000 00", "all-zero"},
	{"DS2482: a wrong checksum", "ds2482", "9101 4b46 7fff 0f10 26", "crc"},
	{"DS2482: the probe does not answer", "ds2482", "ffff ffff ffff ffff ff", "28-0316a2794fff does not answer"},
	{"DS2482-800: a probe on another channel", "ds2482 io", "9101 4b46 7fff 0f10 ..", "25.0625"},
}

// undump reads a dump and computes the checksums that it leaves out.
func undump(t *testing.T, driver, dump string) []byte {
	t.Helper()
	var out []byte
	text := strings.ReplaceAll(dump, " ", "")
	for i := 0; i < len(text); i += 2 {
		if text[i] != '.' {
			x, err := hex.DecodeString(text[i : i+2])
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, x...)
			continue
		}
		switch n := len(out); driver {
		case "ds2482":
			out = append(out, crc8(out))
		case "aht20":
			out = append(out, sensirionCRC(0xFF, out))
		case "am2320":
			sum := crcModbus(out[:6])
			out = append(out, byte(sum>>(8*(n-6))))
		case "htu21d", "si7021":
			out = append(out, sensirionCRC(0, out[n-2:]))
		default:
			out = append(out, sensirionCRC(0xFF, out[n-2:]))
		}
	}
	return out
}

// undumpSeed reads a dump with its checksums left at zero.
func undumpSeed(dump string) []byte {
	x, _ := hex.DecodeString(strings.NewReplacer(" ", "", ".", "0").Replace(dump))
	return x
}

// judged reads a sensor once and judges the values as a bus does.
func judged(t *testing.T, p sensors.Probe, s sensors.Sensor) string {
	t.Helper()
	values, err := s.Read(t.Context())
	if err != nil {
		return outcome(err)
	}
	var out []string
	for i, q := range p.Quantities {
		if values[i].Quantity != q.Name {
			t.Errorf("got quantity %q, want %q", values[i].Quantity, q.Name)
		}
		if bad := sensors.Judge(q, values[i].Value); bad != nil {
			return string(bad.Reason)
		}
		out = append(out, fmt.Sprint(values[i].Value))
	}
	return strings.Join(out, " ")
}

func TestRegisterDumps(t *testing.T) {
	all := benches()
	for _, tt := range dumps {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bench := all[tt.bench]
				bus := bench.bus(undump(t, bench.driver, tt.dump))
				p := configured(t, bench.driver, bench.host(bus), bench.options)
				s := opened(t, p)
				if got := judged(t, p, s); got != tt.want {
					t.Errorf("%s: got %q, want %q", tt.dump, got, tt.want)
				}
				s.Close()
				drained(t, bus)
			})
		})
	}
}

// Wherever the bus fails, no value comes out, the error keeps its kind and
// says where, and the handle is closed.
func TestBusErrorsOfAllChips(t *testing.T) {
	for name, bench := range benches() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transactions, _ := flakyRead(t, bench, -1)
				for at := range transactions {
					_, err := flakyRead(t, bench, at)
					if !errors.Is(err, syscall.EREMOTEIO) {
						t.Errorf("a failure at %d of %d: got %v, want %v", at, transactions, err, syscall.EREMOTEIO)
					} else if got := err.Error(); !strings.HasPrefix(got, "address 0x") && !strings.HasPrefix(got, "SPI 0.0: ") {
						t.Errorf("a failure at %d: got %q, want the chip's place first", at, got)
					}
				}
			})
		})
	}
}

// flakyRead opens and reads a chip on a bus that fails from a transaction on,
// or never. It returns the number of transactions and the error.
func flakyRead(t *testing.T, bench bench, at int) (int, error) {
	t.Helper()
	bus := &flaky{BusCloser: bench.bus(bench.good)}
	if at >= 0 {
		bus.at, bus.err = at, syscall.EREMOTEIO
	}
	s, err := configured(t, bench.driver, bench.host(bus), bench.options).Open()
	if err == nil {
		err = readErr(t, s)
		s.Close()
	}
	if bus.closed != 1 {
		t.Errorf("a failure at %d: got %d handles closed, want 1", at, bus.closed)
	}
	if at < 0 && err != nil {
		t.Fatal(err)
	}
	return bus.count, err
}

// Of every chip with a checksum, one bit wrong anywhere is noticed.
func TestOneBitWrongOfAllChips(t *testing.T) {
	for name, bench := range benches() {
		if !slices.Contains([]string{"sht3x", "sht4x", "hdc302x", "htu21d", "si7021", "aht20", "am2320", "scd4x", "ds2482"}, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for bit := range 8 * len(bench.good) {
					dump := slices.Clone(bench.good)
					dump[bit/8] ^= 1 << (bit % 8)
					s := opened(t, configured(t, bench.driver, bench.host(bench.bus(dump)), bench.options))
					if err := readErr(t, s); err == nil {
						t.Errorf("bit %d: got a value of % x, want none", bit, dump)
					}
				}
			})
		})
	}
}
