package drivers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

func TestScanNamesTheChip(t *testing.T) {
	lm75 := map[byte][]byte{0: {0x19, 0}, 1: {0, 0}, 2: {0x4b, 0}, 3: {0x50, 0}}
	tests := []struct {
		name string
		addr uint16
		chip boardChip
		want string
	}{
		{"a BME280", 0x76, withRegisters(0, map[byte][]byte{0xD0: {0x60}}), "BME280 -> bme280"},
		{"a BMP280 at the other address", 0x77, withRegisters(0, map[byte][]byte{0xD0: {0x58}}), "BMP280 -> bmp280"},
		{"a BMP180", 0x77, withRegisters(0, map[byte][]byte{0xD0: {0x55}}), "BMP180 -> bmp180"},
		{"a BME680, which no driver reads", 0x76, withRegisters(0, map[byte][]byte{0xD0: {0x61}}), "BME680 or BME688"},
		{"something else of Bosch's address", 0x77, withRegisters(0, nil), "unknown chip; perhaps BME280, BMP280 or MS5611"},
		{"an MCP9808", 0x1b, withRegisters(0, map[byte][]byte{6: {0, 0x54}, 7: {4, 1}}), "MCP9808 -> mcp9808"},
		{"a chip that looks like a 1-Wire bridge", 0x18, withRegisters(0x18, nil), "unknown chip; 0x18: the chip is not a DS2482, its status is 0x00 after a reset"},
		{"an accelerometer where an MCP9808 could be", 0x18, withRegisters(0, map[byte][]byte{6: {0xff, 0xff}}), "unknown chip"},
		{"a TMP117", 0x48, withRegisters(0, map[byte][]byte{0x0f: {0x01, 0x17}}), "TMP117 -> tmp117"},
		{"a TMP102", 0x49, withRegisters(0, map[byte][]byte{1: {0x60, 0xa0}, 2: {0x4b, 0}, 3: {0x50, 0}}), "TMP102, likely -> tmp102"},
		{"an LM75", 0x4f, withRegisters(0, lm75), `LM75, TMP75 or the like -> lm75; in steps of 0.5 °C; a TMP75 or TMP105 has finer ones with chip = "tmp75", an LM75A or LM75B of NXP with "lm75b"`},
		{"an LM75B", 0x4f, withRegisters(0, map[byte][]byte{0: {0x19, 0x20}, 1: {0}, 2: {0x4b, 0}, 3: {0x50, 0}}), `LM75, TMP75 or the like -> lm75; it measures in finer steps than an LM75: chip = "lm75b", or "tmp75" for a TMP75 or TMP105`},
		{"a TMP105 at 12 bits", 0x4f, withRegisters(0, map[byte][]byte{0: {0x19, 0x10}, 1: {0}, 2: {0x4b, 0}, 3: {0x50, 0}}), `LM75, TMP75 or the like -> lm75; it measures in finer steps than an LM75: chip = "tmp75"`},
		{"a TMP75 at 12 bits is not a TMP102", 0x48, withRegisters(0, map[byte][]byte{1: {0x60, 0x60}, 2: {0x4b, 0}, 3: {0x50, 0}}), `LM75, TMP75 or the like -> lm75; it measures in finer steps than an LM75: chip = "tmp75"`},
		{"an ADS1115", 0x48, withRegisters(0, map[byte][]byte{1: {0x85, 0x83}, 2: {0x80, 0}, 3: {0x7f, 0xff}}), "ADS1115 or ADS1015, likely"},
		{"a PCF8591 where an ADS1115 could be", 0x48, withRegisters(0x80, nil), "unknown chip; perhaps ADS1115 or PCF8591"},
		{"an AHT20", 0x38, withRegisters(0x18, nil), "AHT20, likely -> aht20"},
		{"a port expander whose pins are high", 0x38, withRegisters(0xff, nil), "unknown chip; perhaps port expander PCF8574A"},
		{"an HTU21D", 0x40, withCommands(map[string][]byte{"\xe7": {0x02}}), "HTU21D, SHT20, SHT21 or SHT25 -> htu21d"},
		{"a servo controller, which would take a command for a setting", 0x40, withRegisters(0x11, nil), "unknown chip; perhaps INA219 or PCA9685"},
		{"an HDC1080", 0x40, withRegisters(0, map[byte][]byte{0xE7: {0xff}, 0xFF: {0x10, 0x50}}), "HDC1080"},
		{"an INA226", 0x45, withRegisters(0, map[byte][]byte{0xFF: {0x22, 0x60}}), "INA226"},
		{"an INA219", 0x41, withRegisters(0, map[byte][]byte{0: {0x39, 0x9f}}), "INA219, likely"},
		{"an INA260", 0x40, withRegisters(0, map[byte][]byte{0xFF: {0x22, 0x70}}), "INA260"},
		{"an INA3221", 0x42, withRegisters(0, map[byte][]byte{0xFF: {0x32, 0x20}}), "INA3221"},
		{"an INA238", 0x40, withRegisters(0, map[byte][]byte{0x3F: {0x23, 0x81}}), "INA238"},
		{"an OPT3001", 0x44, withRegisters(0, map[byte][]byte{0x7F: {0x30, 0x01}}), "OPT3001"},
		{"a TSL2591", 0x29, withRegisters(0, map[byte][]byte{0xB2: {0x50}}), "TSL2591"},
		{"a colour sensor where a TSL2591 could be", 0x29, withRegisters(0, map[byte][]byte{0xB2: {0x44}}), "unknown chip; perhaps light sensor TSL2561, or distance sensor VL53L1X"},
		{"a VL53L0X", 0x29, withRegisters(0, map[byte][]byte{0xC0: {0xEE, 0xAA, 0x10}}), "VL53L0X"},
		{"a VEML7700, which is not asked", 0x10, withRegisters(0, map[byte][]byte{7: {0x81, 0xC4}}), "unknown chip; perhaps light sensor VEML7700 or VEML6030"},
		{"a BH1750, which is not asked", 0x23, withRegisters(0, nil), "unknown chip; perhaps light sensor BH1750 or LTR559"},
		{"a servo controller where an SHT3x could be", 0x44, withRegisters(0x11, nil), "unknown chip; perhaps SHT3x, SHT4x or HDC302x"},
		{"an SHT3x", 0x44, withCommands(map[string][]byte{"\xf3\x2d": withSums(0xff, 0x8010)}), "SHT3x -> sht3x"},
		{"an SHT4x", 0x44, withCommands(map[string][]byte{"\x89": withSums(0xff, 0x1234, 0x5678)}), "SHT4x -> sht4x"},
		{"an HDC302x, which has the status of an SHT3x too", 0x45, withCommands(map[string][]byte{"\x37\x81": withSums(0xff, 0x3000), "\xf3\x2d": withSums(0xff, 0x8010)}), "HDC302x -> hdc302x"},
		{"an answer with a wrong checksum", 0x44, withCommands(map[string][]byte{"\xf3\x2d": {0x80, 0x10, 0}}), ""},
		{"an SCD4x", 0x62, withCommands(map[string][]byte{"\x36\x82": withSums(0xff, 1, 2, 3)}), "SCD4x -> scd4x"},
		{"an AM2320, which sleeps", 0x5c, asleep(), "AM2320, likely -> am2320"},
		{"an EEPROM", 0x50, withRegisters(0xff, nil), "unknown chip; perhaps EEPROM"},
		{"a clock", 0x68, withRegisters(0, nil), "unknown chip; perhaps clock DS3231 or DS1307"},
		{"a chip that nobody knows", 0x0d, withRegisters(0, nil), "unknown chip"},
		{"nothing", 0x0d, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, h := newBoard(t, map[uint16]boardChip{tt.addr: tt.chip})
			want := []string{"I²C bus 1, bcm2835 (i2c@7e804000)"}
			if tt.want != "" {
				want = append(want, fmt.Sprintf("  %#02x %s", tt.addr, tt.want))
			}
			if got := lines(Scanner{Host: h}.i2c()); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestScanTellsASi7021ByItsSerialNumber(t *testing.T) {
	si7021 := func(_ *board, w, r []byte) error {
		switch string(w) {
		case "\xe7":
			r[0] = 0x3a
		case "\xfc\xc9":
			copy(r, withSums(0, 0x15ff, 0xffff))
		}
		return nil
	}
	_, h := newBoard(t, map[uint16]boardChip{0x40: si7021})
	want := []string{"I²C bus 1, bcm2835 (i2c@7e804000)", "  0x40 Si7021 -> si7021"}
	if got := lines(Scanner{Host: h}.i2c()); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each probe behind a bridge is a find of its own, with its id.
func TestScanBehindABridge(t *testing.T) {
	one := fakeProbe{rom(0x28, 0x0316a2794fff), pad25}
	several := []fakeProbe{one, {rom(0x10, 0x000802b4c1d2), pad25}, {rom(0x26, 0x000001020304), pad25}}
	tests := []struct {
		name   string
		probes map[byte][]fakeProbe
		want   []string
	}{
		{"several on one line", map[byte][]fakeProbe{0: several}, []string{"0x18 10-000802b4c1d2 DS18S20 <nil>", "0x18 28-0316a2794fff DS18B20 <nil>"}},
		{"on another channel of a DS2482-800", map[byte][]fakeProbe{0: several[1:2], 5: {one}}, []string{"0x18 10-000802b4c1d2 DS18S20 <nil>", "0x18 28-0316a2794fff DS18B20 5"}},
		{"none", nil, []string{"0x18 1-Wire bridge DS2482, likely <nil>; no thermometer answers behind it"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bridge := &fakeBridge{probes: tt.probes, pointer: 0xF0, status: 0x18}
				_, h := newBoard(t, map[uint16]boardChip{0x18: func(_ *board, w, r []byte) error { return bridge.Tx(0x18, w, r) }})
				var got []string
				for _, f := range (Scanner{Host: h}).i2c()[0].Finds {
					line := fmt.Sprintf("%s %s %v", f.Place, f.Name, f.Options["io"])
					if f.Note != "" {
						line += "; " + f.Note
					}
					got = append(got, line)
					if f.Driver != "ds2482" || f.Options["id"] != nil && !strings.HasSuffix(f.Place, f.Options["id"].(string)) {
						t.Errorf("got %+v, want the driver ds2482 and the id", f)
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestElsewhere(t *testing.T) {
	bme := withRegisters(0, map[byte][]byte{0xD0: {0x60}})
	bmp := withRegisters(0, map[byte][]byte{0xD0: {0x58}})
	tests := []struct {
		name    string
		chips   map[uint16]boardChip
		driver  string
		options map[string]any
		want    []uint16
	}{
		{"it is at the other address", map[uint16]boardChip{0x77: bme}, "bme280", nil, []uint16{0x77}},
		{"it is at the default address", map[uint16]boardChip{0x76: bme}, "bme280", map[string]any{"address": int64(0x77)}, []uint16{0x76}},
		{"another chip is at the other address", map[uint16]boardChip{0x77: bmp}, "bme280", nil, nil},
		{"nothing is there", nil, "bme280", nil, nil},
		{"the chip has one address only", map[uint16]boardChip{0x77: bme}, "bmp180", nil, nil},
		{"it is behind a multiplexer", map[uint16]boardChip{0x77: bme}, "bme280", map[string]any{"mux": int64(0x70)}, nil},
		{"it is not a chip", nil, "mock", nil, nil},
		{"there is no such driver", nil, "nothing", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, h := newBoard(t, tt.chips)
			if got := (Scanner{Host: h}).Elsewhere(tt.driver, tt.options); !slices.Equal(got, tt.want) {
				t.Errorf("got %#x, want %#x", got, tt.want)
			}
		})
	}
}

func TestScanKnowsTheDriversOfTheTable(t *testing.T) {
	for _, s := range suspects() {
		if s.driver == "" {
			continue
		}
		if _, err := Lookup(s.driver); err != nil {
			t.Errorf("%s: got driver %q: %v", s.name, s.driver, err)
		}
	}
}
