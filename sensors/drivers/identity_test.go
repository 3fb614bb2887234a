package drivers

import (
	"testing"
	"testing/synctest"
)

// Another chip, or none, in place of the configured one.
func TestWrongChips(t *testing.T) {
	noise := b(0xFF, 0xFF, 0xFF)
	stop := [][2][]byte{tx(b(0x30, 0x93), nil), tx(b(0x30, 0x66), nil)}
	tests := []struct {
		name, driver string
		options      map[string]any
		addr         uint16
		open         [][2][]byte
		want         string
	}{
		{"no checksum where an SHT3x is due", "sht3x", nil, 0x44, append(stop[:2:2], tx(b(0xF3, 0x2D), nil), tx(nil, noise)), "address 0x44: the chip is not an SHT3x: rejected (crc): ff ff ff has the checksum ac"},
		{"no checksum where an SHT4x is due", "sht4x", nil, 0x44, [][2][]byte{tx(b(0x94), nil), tx(b(0x89), nil), tx(nil, b(1, 2, 3, 4, 5, 6))}, "address 0x44: the chip is not an SHT4x: rejected (crc): 01 02 03 has the checksum 17"},
		{"another maker's HDC302x", "hdc302x", map[string]any{"address": int64(0x47)}, 0x47, append(stop[:2:2], tx(b(0x37, 0x81), nil), tx(nil, sums(0xFF, 0x12, 0x34))), "address 0x47: the chip is not an HDC302x, its manufacturer's id is 1234, want 3000"},
		{"a Si7020", "si7021", nil, 0x40, [][2][]byte{tx(b(0xFC, 0xC9), nil), tx(nil, sums(0, 0x14, 0xFF, 0xB5, 0xFF))}, `address 0x40: the chip is not a Si7021, its kind is 0x14, want 0x15; many chips sold as Si7021 need driver = "htu21d"`},
		{"a PWM driver where an HTU21D is due", "htu21d", nil, 0x40, [][2][]byte{tx(b(0xFE), nil), tx(b(0xE7), b(0x00))}, "address 0x40: the chip is not an HTU21D, its user register is 0x00 after a reset"},
		{"a TMP116", "tmp117", nil, 0x48, [][2][]byte{tx(b(0x0F), b(0x11, 0x16))}, "address 0x48: the chip is not a TMP117, its id is 1116, want 0117"},
		{"an LM75 where a TMP102 is due", "tmp102", nil, 0x48, [][2][]byte{tx(b(1), b(0x00, 0x00))}, "address 0x48: the chip is not a TMP102, its configuration is 0000"},
		{"a converter where an LM75 is due", "lm75", nil, 0x48, [][2][]byte{tx(b(2), b(0x85, 0x83)), tx(b(3), b(0x80, 0x00))}, "address 0x48: the chip is not an LM75, its limits are 8583 and 8000"},
		{"an AHT20 that cannot be calibrated", "aht20", nil, 0x38, [][2][]byte{tx(b(0x71), b(0x00)), tx(b(0xBE, 8, 0), nil), tx(b(0x71), b(0x00))}, "address 0x38: the chip is not an AHT20, or not calibrated, its status is 0x00"},
		{"no checksum where an SCD4x is due", "scd4x", nil, 0x62, [][2][]byte{tx(b(0x3F, 0x86), nil), tx(b(0x36, 0x82), nil), tx(nil, b(1, 2, 3, 4, 5, 6, 7, 8, 9))}, "address 0x62: the chip is not an SCD4x: rejected (crc): 01 02 03 has the checksum 17"},
		{"no MAX31865", "max31865", nil, 0, [][2][]byte{sent(0x80, 0x81), full(0, b(0, 0, 0, 0, 0, 0, 0, 0))}, "SPI 0.0: the chip is not a MAX31865, its configuration is 0x00 after 0x81 was written"},
		{"an MCP9808 where a DS2482 is due", "ds2482", nil, 0x18, [][2][]byte{tx(b(0xF0), b(0x01))}, "address 0x18: the chip is not a DS2482, its status is 0x01 after a reset"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := played(ops(tt.addr, tt.open...))
				w.handles++
				_, err := configured(t, tt.driver, bench{}.host(w), tt.options).Open()
				if err == nil || err.Error() != tt.want {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				w.exhausted(t)
			})
		})
	}
}

// Chips that lost their power after being set up, or that never finish.
func TestChipsThatWereResetOrHang(t *testing.T) {
	all := benches()
	repeat := func(n int, one ...[2][]byte) (out [][2][]byte) {
		for range n {
			out = append(out, one...)
		}
		return out
	}
	lm75ID := [][2][]byte{tx(b(2), b(0x4B, 0)), tx(b(3), b(0x50, 0))}
	tests := []struct {
		name, bench string
		addr        uint16
		read        [][2][]byte
		want        string
	}{
		{"a TMP117 that is never ready", "tmp117", 0x48, append([][2][]byte{tx(b(1, 0x0C, 0x20), nil)}, repeat(10, tx(b(1), b(0x0C, 0x20)))...), "the chip does not finish its measurement"},
		{"a TMP117 behind a bus that nobody drives", "tmp117", 0x48, append([][2][]byte{tx(b(1, 0x0C, 0x20), nil)}, repeat(10, tx(b(1), b(0xFF, 0xFF)))...), "the chip does not finish its measurement"},
		{"a TMP117 behind a bus that is held low", "tmp117", 0x48, append([][2][]byte{tx(b(1, 0x0C, 0x20), nil)}, repeat(10, tx(b(1), b(0, 0)))...), "the chip does not finish its measurement"},
		{"a TMP102 that is never ready", "tmp102", 0x48, append([][2][]byte{tx(b(1, 0xE1, 0x80), nil)}, repeat(5, tx(b(1), b(0x61, 0xA0)))...), "the chip does not finish its measurement"},
		{"a TMP102 that was reset", "tmp102", 0x48, [][2][]byte{tx(b(1, 0xE1, 0x80), nil), tx(b(1), b(0x60, 0xA0))}, "power-on"},
		{"a TMP102 behind a bus that is held low", "tmp102", 0x48, [][2][]byte{tx(b(1, 0xE1, 0x80), nil), tx(b(1), b(0, 0))}, "all-zero"},
		{"a TMP75 that was reset", "tmp75", 0x48, [][2][]byte{tx(b(1, 0xE1), nil), tx(b(1), b(0x00))}, "power-on"},
		{"an LM75 behind a bus that is held low", "lm75", 0x48, [][2][]byte{tx(b(0), b(0, 0)), tx(b(2), b(0, 0)), tx(b(3), b(0, 0))}, "all-zero"},
		{"an LM75 behind a bus that nobody drives", "lm75", 0x48, [][2][]byte{tx(b(0), b(0xFF, 0xFF)), tx(b(2), b(0xFF, 0xFF)), tx(b(3), b(0xFF, 0xFF))}, "address 0x48: the chip is not an LM75, its limits are ffff and ffff"},
		{"an LM75 that held 0 °C since its power-up", "lm75", 0x48, append(append([][2][]byte{tx(b(0), b(0, 0))}, lm75ID...), tx(b(0), b(0x19, 0))), ""},
		{"an AHT20 that stays busy", "aht20", 0x38, append([][2][]byte{tx(b(0xAC, 0x33, 0), nil)}, repeat(11, tx(nil, b(0x98, 0, 0, 0, 0, 0, 0)))...), "the chip does not finish its measurement"},
		{"an AHT20 behind a bus that nobody drives", "aht20", 0x38, append([][2][]byte{tx(b(0xAC, 0x33, 0), nil)}, repeat(11, tx(nil, b(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)))...), "the answer is all 0xff, as if there were no chip"},
		{"an SCD4x that has stopped", "scd4x", 0x62, repeat(22, tx(b(0xE4, 0xB8), nil), tx(nil, sums(0xFF, 0x80, 0x00))), "the chip has not measured for 5 s"},
		{"an SCD4x with a wrong checksum of its status", "scd4x", 0x62, [][2][]byte{tx(b(0xE4, 0xB8), nil), tx(nil, b(0x80, 0x06, 0x00))}, "crc"},
		{"a MAX31865 that does not finish its search", "max31865", 0, append(append([][2][]byte{sent(0x80, 0x83), sent(0x80, 0x85)}, repeat(10, full(0, b(0x85)))...), sent(0x80, 0x01)), "the chip does not finish its fault detection"},
		{"a MAX31865 with another configuration", "max31865", 0, [][2][]byte{sent(0x80, 0x83), sent(0x80, 0x85), full(0, b(0x81)), sent(0x80, 0xA1), full(0, b(0xA1, 0x40, 0, 0xFF, 0xFF, 0, 0, 0)), sent(0x80, 0x01)}, "the configuration is 0xa1, want 0x81"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bench := all[tt.bench]
				w := bench.bus(bench.good).(*wire)
				opening := opened(t, configured(t, bench.driver, bench.host(w), bench.options))
				w.Ops = append(w.Ops[:w.Count], ops(tt.addr, tt.read...)...)
				_, err := opening.Read(t.Context())
				if got := outcome(err); got != tt.want {
					t.Errorf("got %q, want %q", got, tt.want)
				}
				opening.Close()
				w.exhausted(t)
			})
		})
	}
}
