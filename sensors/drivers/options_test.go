package drivers

import (
	"math"
	"reflect"
	"testing"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// Every way in which a sensor's options can be wrong, with the exact text.
func TestOptionErrors(t *testing.T) {
	const (
		mockOptions = `"quantities", "values", "baseline", "amplitude", "noise", "period", "seed" or "script"`
		steps       = `"ok", "crc", "power-on-85", "zero", "unplug", "slow", "spike", "stuck", "hang", "nan" or "out-of-range"`
		wantID      = `want a family (10, 22, 28, 3b or 42), a dash and 12 hexadecimal digits, such as "28-0316a2794fff"`
	)
	quantityList := "want a list of " + option.OneOf(sensors.Names(mockQuantities()))
	tests := []struct {
		name, driver string
		options      map[string]any
		want         []string
	}{
		{"a misspelt key", "mock", map[string]any{"vales": []any{1.0}}, []string{`options.vales: unknown key, did you mean "values"?`}},
		{"a key in capitals", "mock", map[string]any{"Seed": int64(1)}, []string{`options.Seed: unknown key, did you mean "seed"?`}},
		{"a key like no other", "mock", map[string]any{"wibble": 1.0}, []string{`options.wibble: unknown key, want ` + mockOptions}},
		{"another driver's key", "bmp180", map[string]any{"address": int64(0x77)}, []string{`options.address: unknown key, want "bus", "mux" or "channel"`}},
		{"several at once, in the order of their names", "mcp9808", map[string]any{"bus": int64(1), "adress": int64(0x18), "zone": ""}, []string{
			`options.adress: unknown key, did you mean "address"?`,
			`options.bus = 1: want "1", in quotes`,
			`options.zone: unknown key, want "bus", "address", "mux" or "channel"`,
		}},

		{"a number where a string is due", "ds18b20", map[string]any{"id": int64(28)}, []string{`options.id = 28: want a string`}},
		{"a string where a number is due", "mock", map[string]any{"baseline": "20"}, []string{`options.baseline = "20": want a number`}},
		{"not a number", "mock", map[string]any{"baseline": math.NaN()}, []string{`options.baseline = nan: want a number`}},
		{"infinity", "mock", map[string]any{"amplitude": math.Inf(-1)}, []string{`options.amplitude = -inf: want a number`}},
		{"a fraction where an integer is due", "mock", map[string]any{"seed": 1.0}, []string{`options.seed = 1.0: want an integer`}},
		{"a number below its least", "mock", map[string]any{"noise": -0.5}, []string{`options.noise = -0.5: want a number from 0 to 1e+06`}},
		{"a date where a number is due", "mock", map[string]any{"noise": true}, []string{`options.noise = true: want a number from 0 to 1e+06`}},
		{"a duration without a unit", "mock", map[string]any{"period": int64(5)}, []string{`options.period = 5: want a duration such as "24h", 1s or more`}},
		{"a duration without a unit in quotes", "mock", map[string]any{"period": "5"}, []string{`options.period = "5": want a duration such as "24h", 1s or more`}},
		{"a zero without a unit", "file", map[string]any{"path": "/x", "max_age": "0"}, []string{`options.max_age = "0": want a duration such as "10s", 0s or more`}},
		{"a duration that is too short", "mock", map[string]any{"period": "10ms"}, []string{`options.period = "10ms": want a duration such as "24h", 1s or more`}},
		{"a duration that is too long", "mock", map[string]any{"period": "8785h"}, []string{`options.period = "8785h": want a duration such as "24h", 8784h or less`}},
		{"a number where a list is due", "mock", map[string]any{"values": 28.4}, []string{`options.values = 28.4: want a list of numbers such as [28.4, 28.5]`}},
		{"a list with a string", "mock", map[string]any{"values": []any{28.4, "x"}}, []string{`options.values = [28.4, "x"]: want a list of numbers such as [28.4, 28.5]`}},
		{"a list with not a number", "mock", map[string]any{"values": []any{math.NaN()}}, []string{`options.values = [nan]: want a list of numbers such as [28.4, 28.5]`}},
		{"a table where a list is due", "mock", map[string]any{"values": map[string]any{"a": 1.0}}, []string{`options.values = a table: want a list of numbers such as [28.4, 28.5]`}},
		{"a list of tables", "mock", map[string]any{"values": []map[string]any{{}}}, []string{`options.values = a list of tables: want a list of numbers such as [28.4, 28.5]`}},
		{"a string that is not among those allowed", "mock", map[string]any{"quantities": []any{"temperatur"}}, []string{`options.quantities = ["temperatur"]: did you mean "temperature"?`}},
		{"a string that resembles none of those allowed", "mock", map[string]any{"quantities": []any{"x"}}, []string{`options.quantities = ["x"]: ` + quantityList}},
		{"a string where a list is due", "mock", map[string]any{"quantities": "co2"}, []string{`options.quantities = "co2": ` + quantityList}},

		{"no quantity", "mock", map[string]any{"quantities": []any{}}, []string{`options.quantities = []: want at least one`}},
		{"a quantity twice", "mock", map[string]any{"quantities": []any{"co2", "humidity", "co2"}}, []string{`options.quantities = ["co2", "humidity", "co2"]: "co2" is listed twice`}},
		{"a baseline beside values", "mock", map[string]any{"values": []any{1.0}, "baseline": 20.0}, []string{`options.baseline: has no effect with values`}},
		{"noise beside values", "mock", map[string]any{"values": []any{1.0}, "noise": 1.0}, []string{`options.noise: has no effect with values`}},

		{"a misspelt step", "mock", map[string]any{"script": "ok*5, slow=2s, crx"}, []string{`options.script = "ok*5, slow=2s, crx": step 3 "crx": did you mean "crc"?`}},
		{"a step like no other", "mock", map[string]any{"script": "explode"}, []string{`options.script = "explode": step 1 "explode": want ` + steps}},
		{"an empty step", "mock", map[string]any{"script": "ok,,ok"}, []string{`options.script = "ok,,ok": step 2 "": want ` + steps}},
		{"slow without a duration", "mock", map[string]any{"script": "slow"}, []string{`options.script = "slow": step 1 "slow": want a duration such as slow=2s`}},
		{"slow with a duration without a unit", "mock", map[string]any{"script": "slow=2"}, []string{`options.script = "slow=2": step 1 "slow=2": want a duration such as slow=2s`}},
		{"a negative duration", "mock", map[string]any{"script": "hang=-2s"}, []string{`options.script = "hang=-2s": step 1 "hang=-2s": want a duration such as hang=2s`}},
		{"a duration where there is none", "mock", map[string]any{"script": "crc=2s"}, []string{`options.script = "crc=2s": step 1 "crc=2s": crc takes no duration`}},
		{"a count of zero", "mock", map[string]any{"script": "ok*0"}, []string{`options.script = "ok*0": step 1 "ok*0": want a count such as ok*5`}},
		{"a count that is none", "mock", map[string]any{"script": "slow=2s*x"}, []string{`options.script = "slow=2s*x": step 1 "slow=2s*x": want a count such as slow=2s*5`}},

		{"an address that is too high", "bme280", map[string]any{"address": int64(0x78)}, []string{`options.address = 0x78: want 0x76 to 0x77`}},
		{"a negative address", "bmp280", map[string]any{"address": int64(-5)}, []string{`options.address = -0x5: want 0x76 to 0x77`}},
		{"an address in quotes", "mcp9808", map[string]any{"address": "0x18"}, []string{`options.address = "0x18": want 0x18, without quotes`}},
		{"an address in quotes that none has", "mcp9808", map[string]any{"address": "0x28"}, []string{`options.address = "0x28": want 0x18 to 0x1f`}},
		{"an address without its 0x", "bme280", map[string]any{"address": int64(76)}, []string{`options.address = 0x4c: want 0x76 to 0x77; 76 is 0x4c, did you mean 0x76?`}},
		{"an SPI port without quotes", "max31855", map[string]any{"spi": 0.1}, []string{`options.spi = 0.1: want "0.1", in quotes`}},
		{"a number in quotes", "w1netlink", map[string]any{"master": "2"}, []string{`options.master = "2": want 2, without quotes`}},
		{"a bus by its path", "bme280", map[string]any{"bus": "/dev/i2c-1"}, []string{`options.bus = "/dev/i2c-1": want the number of a bus, such as "1"`}},
		{"a bus with a sign", "bmp180", map[string]any{"bus": "+1"}, []string{`options.bus = "+1": want the number of a bus, such as "1"`}},
		{"no bus", "mcp9808", map[string]any{"bus": ""}, []string{`options.bus = "": want the number of a bus, such as "1"`}},

		{"a multiplexer at an address that none has", "tmp117", map[string]any{"mux": int64(0x20)}, []string{`options.mux = 0x20: want 0x70 to 0x77, or 0 for none`}},
		{"a channel that no multiplexer has", "sht4x", map[string]any{"mux": int64(0x70), "channel": int64(8)}, []string{`options.channel = 8: want an integer from 0 to 7`}},
		{"a channel without a multiplexer", "bmp180", map[string]any{"channel": int64(3)}, []string{`options.channel = 3: has no effect without mux`}},
		{"an SPI port by its path", "max31855", map[string]any{"spi": "/dev/spidev0.0"}, []string{`options.spi = "/dev/spidev0.0": want bus and chip select, such as "0.0"`}},
		{"an SPI port without a chip select", "bme280", map[string]any{"spi": "0"}, []string{`options.spi = "0": want bus and chip select, such as "0.0"`}},
		{"an I²C address beside an SPI port", "bme280", map[string]any{"spi": "0.0", "address": int64(0x77)}, []string{`options.address: has no effect with spi`}},
		{"a multiplexer beside an SPI port", "bmp280", map[string]any{"spi": "0.0", "mux": int64(0x70)}, []string{`options.mux: has no effect with spi`}},
		{"SPI for a chip that has none", "bmp180", map[string]any{"spi": "0.0"}, []string{`options.spi: unknown key, want "bus", "mux" or "channel"`}},
		{"a chip of another family", "lm75", map[string]any{"chip": "lm76"}, []string{`options.chip = "lm76": want "lm75", "lm75a", "lm75b", "tmp75" or "tmp105"`}},
		{"a resolution that a TMP75 has not", "lm75", map[string]any{"chip": "tmp75", "resolution": int64(13)}, []string{`options.resolution = 13: want 9 to 12, or 0 for 12`}},
		{"a resolution for a chip that has none to set", "lm75", map[string]any{"resolution": int64(11)}, []string{`options.resolution = 11: the chip lm75 has none to set`}},
		{"five wires", "max31865", map[string]any{"wires": int64(5)}, []string{`options.wires = 5: want an integer from 2 to 4`}},
		{"a reference for the other resistor", "max31865", map[string]any{"rtd": "pt1000", "reference": 430.0}, []string{`options.reference = 430: want 1000 to 20000 for a pt1000, or 0`}},
		{"mains of 55 Hz", "max31865", map[string]any{"mains": int64(55)}, []string{`options.mains = 55: want 50 or 60`}},
		{"an id without a dash, behind a bridge", "ds2482", map[string]any{"id": "280316a2794fff"}, []string{`options.id = "280316a2794fff": ` + wantID}},
		{"an id of a chip that is not a thermometer, through netlink", "w1netlink", map[string]any{"id": "29-0316a2794fff"}, []string{`options.id = "29-0316a2794fff": ` + wantID}},
		{"a 1-Wire channel that no bridge has", "ds2482", map[string]any{"io": int64(8)}, []string{`options.io = 8: want an integer from 0 to 7`}},

		{"an id without a dash", "ds18b20", map[string]any{"id": "280316a2794fff"}, []string{`options.id = "280316a2794fff": ` + wantID}},
		{"an id with its checksum", "ds18b20", map[string]any{"id": "28-0316a2794fff00"}, []string{`options.id = "28-0316a2794fff00": ` + wantID}},
		{"an id that leads elsewhere", "ds18b20", map[string]any{"id": "28-../../../etc"}, []string{`options.id = "28-../../../etc": ` + wantID}},
		{"an id of a chip that is not a thermometer", "ds18b20", map[string]any{"id": "29-0316a2794fff"}, []string{`options.id = "29-0316a2794fff": ` + wantID}},
		{"a resolution that is too low", "ds18b20", map[string]any{"resolution": int64(8)}, []string{`options.resolution = 8: want 9 to 12, or 0 to leave it unchanged`}},
		{"a resolution that is too high", "ds18b20", map[string]any{"resolution": int64(13)}, []string{`options.resolution = 13: want 9 to 12, or 0 to leave it unchanged`}},
		{"a resolution for a DS18S20", "ds18b20", map[string]any{"id": idS20, "resolution": int64(9)}, []string{`options.resolution = 9: a DS18S20 (family 10) has none to set`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Lookup(tt.driver)
			if err != nil {
				t.Fatal(err)
			}
			_, errs := d.Configure(Host{}, "outside", tt.options)
			var got []string
			for _, err := range errs {
				got = append(got, err.Error())
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
