package drivers

import (
	"errors"
	"maps"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

func TestChecksums(t *testing.T) {
	tests := []struct {
		name      string
		got, want uint16
	}{
		{"SHT3x, section 4.12", uint16(sensirionCRC(0xFF, b(0xBE, 0xEF))), 0x92},
		{"HTU21D, one byte", uint16(sensirionCRC(0, b(0xDC))), 0x79},
		{"HTU21D, two bytes", uint16(sensirionCRC(0, b(0x68, 0x3A))), 0x7C},
		{"HTU21D, two other bytes", uint16(sensirionCRC(0, b(0x4E, 0x85))), 0x6B},
		{"AM2320, section 8.2.4", crcModbus(b(3, 4, 0x03, 0x39, 0x01, 0x15)), 0xFEE1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %#04x, want %#04x", tt.got, tt.want)
			}
		})
	}
}

// The AM2320 returns what it measured after the previous call, so it is called twice
// after a long interval.
func TestAM2320NeverGivesAnOldValue(t *testing.T) {
	old, fresh := b(3, 4, 1, 0xF4, 0, 0xFA, 0x31, 0xA5), b(3, 4, 3, 0x39, 1, 0x15, 0xE1, 0xFE)
	call := func(answer []byte) [][2][]byte {
		return [][2][]byte{tx(b(0), nil), tx(b(3, 0, 4), nil), tx(nil, answer)}
	}
	tests := []struct {
		name     string
		interval time.Duration
		calls    [][2][]byte
		takes    time.Duration
	}{
		{"after an hour", time.Hour, slices.Concat(call(old), call(fresh)), 2 * time.Second},
		{"after three seconds", 3 * time.Second, call(fresh), 0},
		{"too early", time.Second, call(fresh), time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(ops(0x5C, call(old)...), ops(0x5C, tt.calls...))
				w.handles++
				s := opened(t, configured(t, "am2320", bench{}.host(w), nil))
				time.Sleep(tt.interval)
				start := time.Now()
				if got := read(t, s); got[0].Value != 27.7 || got[1].Value != 82.5 {
					t.Errorf("got %v, want 27.7 and 82.5", got)
				}
				if got := time.Since(start).Round(100 * time.Millisecond); got != tt.takes {
					t.Errorf("got a reading in %v, want %v", got, tt.takes)
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

// The resolution is written with each conversion; bits beyond it are ignored.
func TestTMP75Resolution(t *testing.T) {
	id := [][2][]byte{tx(b(2), b(0x4B, 0)), tx(b(3), b(0x50, 0))}
	tests := []struct {
		name   string
		bits   int64
		config byte
		want   float64
		takes  time.Duration
	}{
		{"9 bits", 9, 0x01, -0.5, 37500 * time.Microsecond},
		{"10 bits", 10, 0x21, -0.25, 75 * time.Millisecond},
		{"11 bits", 11, 0x41, -0.125, 150 * time.Millisecond},
		{"12 bits", 12, 0x61, -0.0625, 300 * time.Millisecond},
		{"none given", 0, 0x61, -0.0625, 300 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(ops(0x49, id...), ops(0x49, tx(b(1, 0x80|tt.config), nil), tx(b(1), b(tt.config)), tx(b(0), b(0xFF, 0xF0))))
				w.handles++
				s := opened(t, configured(t, "lm75", bench{}.host(w), map[string]any{"chip": "tmp105", "resolution": tt.bits, "address": int64(0x49)}))
				start := time.Now()
				if got := read(t, s)[0].Value; got != tt.want {
					t.Errorf("got %v, want %v", got, tt.want)
				}
				if got := time.Since(start); got != tt.takes {
					t.Errorf("got a conversion of %v, want %v", got, tt.takes)
				}
				s.Close()
				w.exhausted(t)
			})
		})
	}
}

// The cause of a fault is named.
func TestFaultDetails(t *testing.T) {
	pt100 := platinum{ohms: 100, reference: 430, config: 0x01}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"an open thermocouple", second(decodeMAX31855(b(0x01, 0x91, 0x19, 0x01))), "the thermocouple is open"},
		{"a thermocouple shorted twice", second(decodeMAX31855(b(0x01, 0x91, 0x19, 0x06))), "the thermocouple is shorted to GND and is shorted to VCC"},
		{"a fault without a name", second(decodeMAX31855(b(0x01, 0x91, 0x19, 0x00))), "the thermocouple has a fault without a name"},
		{"an open wire", second(pt100.decode(b(0x81, 0x40, 0, 0xFF, 0xFF, 0, 0, 0x28))), "RTDIN- is low, a wire is open or shorted, REFIN- is high, the resistor is open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r *sensors.Rejection
			if !errors.As(tt.err, &r) || r.Reason != sensors.Fault || r.Detail != tt.want {
				t.Errorf("got %v, want a fault: %s", tt.err, tt.want)
			}
		})
	}
}

func second(_ []sensors.Measurement, err error) error { return err }

// Whatever a chip answers, decoding does not panic, and a value is in the chip's range.
func FuzzDecoders(f *testing.F) {
	all := benches()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].decode == nil {
			continue
		}
		for _, seed := range all[name].dumps {
			f.Add(uint8(len(names)), undumpSeed(seed.bytes))
		}
		names = append(names, name)
	}
	f.Fuzz(func(t *testing.T, which uint8, answer []byte) {
		name := names[int(which)%len(names)]
		bench := all[name]
		answer = append(slices.Clip(answer), make([]byte, len(bench.good))...)[:len(bench.good)]
		values, err := bench.decode(answer)
		if err != nil {
			if values != nil {
				t.Errorf("%s of % x: got %v with the error %v, want none", name, answer, values, err)
			}
			return
		}
		quantities := configured(t, bench.driver, bench.host(nil), bench.options).Quantities
		if len(values) != len(quantities) {
			t.Fatalf("%s of % x: got %d values, want %d", name, answer, len(values), len(quantities))
		}
		for i, m := range values {
			low, top := 0.0, 65535.0 // the bus judges these
			if m.Quantity == sensors.Temperature.Name {
				low, top = quantities[i].Min, quantities[i].Max
			}
			if bench.driver == tmp102.Name { // an answer may be in extended mode
				top = 150
			}
			if math.IsNaN(m.Value) || m.Value < low || m.Value > top {
				t.Errorf("%s of % x: got %v, want %v to %v", name, answer, m, low, top)
			}
		}
	})
}
