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
	for _, bench := range benches() {
		for _, tt := range bench.dumps {
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					bus := bench.bus(undump(t, bench.driver, tt.bytes))
					p := configured(t, bench.driver, bench.host(bus), bench.options)
					s := opened(t, p)
					if got := judged(t, p, s); got != tt.want {
						t.Errorf("%s: got %q, want %q", tt.bytes, got, tt.want)
					}
					s.Close()
					drained(t, bus)
				})
			})
		}
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
