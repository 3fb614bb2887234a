package drivers

import (
	"periph.io/x/conn/v3/i2c"

	"sensorpub/sensors"
)

// thermometerBenches returns the thermometers on I²C and 1-Wire.
func thermometerBenches() map[string]bench {
	lm75ID := [][2][]byte{tx(b(2), b(0x4B, 0)), tx(b(3), b(0x50, 0))}
	lm75Open := append(lm75ID[:2:2], tx(b(1, 0), nil))
	lm75Read := func(dump []byte) [][2][]byte {
		if only(0, dump) || only(0xFF, dump) {
			return append([][2][]byte{tx(b(0), dump)}, append(lm75ID[:2:2], tx(b(0), dump))...)
		}
		return [][2][]byte{tx(b(0), dump)}
	}
	lm75Bits := func(bits int) func([]byte) ([]sensors.Measurement, error) {
		return func(a []byte) ([]sensors.Measurement, error) { return decodeLM75(a, bits) }
	}
	return map[string]bench{
		"tmp117": {
			driver: "tmp117", good: b(0x0C, 0x80),
			decode: decodeTMP117,
			bus: playback(0x48, [][2][]byte{tx(b(0x0F), b(0x01, 0x17)), tx(b(1), b(0x22, 0x20))},
				reads(0, tx(b(1, 0x0C, 0x20), nil), tx(b(1), b(0x0C, 0x20)), tx(b(1), b(0x24, 0x20)))),
			dumps: []dump{
				{"TMP117: 150 °C", "4b00", "150"},
				{"TMP117: 100 °C", "3200", "100"},
				{"TMP117: 25 °C", "0c80", "25"},
				{"TMP117: one step", "0001", "0.0078125"},
				{"TMP117: zero", "0000", "0"},
				{"TMP117: one step below zero", "ffff", "-0.0078125"},
				{"TMP117: -25 °C", "f380", "-25"},
				{"TMP117: -55 °C", "e480", "-55"},
				{"TMP117: no conversion yet", "8000", "power-on"},
				{"TMP117: the end of its scale", "7fff", "range"},
			},
		},
		"tmp102": {
			driver: "tmp102", good: b(0x19, 0x00),
			decode: decodeTMP102,
			bus: playback(0x48, [][2][]byte{tx(b(1), b(0x60, 0xA0))},
				reads(0, tx(b(1, 0xE1, 0x80), nil), tx(b(1), b(0x61, 0xA0)), tx(b(1), b(0xE1, 0x80)))),
			dumps: []dump{
				{"TMP102: the end of its scale", "7ff0", "range"},
				{"TMP102: 100 °C", "6400", "100"},
				{"TMP102: 0.25 °C", "0040", "0.25"},
				{"TMP102: zero", "0000", "0"},
				{"TMP102: -0.25 °C", "ffc0", "-0.25"},
				{"TMP102: -25 °C", "e700", "-25"},
				{"TMP102: -55 °C, for which it is not made", "c900", "range"},
				{"TMP102: nobody drives the bus", "ffff", "the temperature has bits set that are always zero, as if there were no chip"},
			},
		},
		"tmp102 extended": {
			driver: "tmp102", options: map[string]any{"extended": true}, good: b(0x0C, 0x81),
			decode: decodeTMP102,
			bus: playback(0x48, [][2][]byte{tx(b(1), b(0x60, 0xA0))},
				reads(0, tx(b(1, 0xE1, 0x90), nil), tx(b(1), b(0xE1, 0xB0)))),
			dumps: []dump{
				{"TMP102: 150 °C in extended mode", "4b01", "150"},
				{"TMP102: 128 °C in extended mode", "4001", "128"},
				{"TMP102: zero in extended mode", "0001", "0"},
				{"TMP102: -0.25 °C in extended mode", "ffe1", "-0.25"},
			},
		},
		"lm75": {
			driver: "lm75", good: b(0x19, 0x00),
			decode: lm75Bits(9),
			bus:    playback(0x48, lm75Open, lm75Read),
			dumps: []dump{
				{"LM75: 125 °C", "7d00", "125"},
				{"LM75: half a degree", "0080", "0.5"},
				{"LM75: zero", "0000", "0"},
				{"LM75: half a degree below zero", "ff80", "-0.5"},
				{"LM75: -55 °C", "c900", "-55"},
				{"LM75: undefined bits after nine", "197f", "25"},
				{"LM75: undefined bits after nine, below zero", "e7ff", "-24.5"},
				{"LM75: all ones, which is a true value of nine bits", "ffff", "-0.5"},
			},
		},
		"lm75b": {
			driver: "lm75", options: map[string]any{"chip": "lm75b"}, good: b(0x19, 0x00),
			decode: lm75Bits(11),
			bus:    playback(0x48, lm75Open, lm75Read),
			dumps: []dump{
				{"LM75B: 0.125 °C", "0020", "0.125"},
				{"LM75B: -0.125 °C", "ffe0", "-0.125"},
				{"LM75B: -54.875 °C", "c920", "-54.875"},
				{"LM75B: the end of its scale", "7ee0", "range"},
			},
		},
		"tmp75": {
			driver: "lm75", options: map[string]any{"chip": "tmp75"}, good: b(0x19, 0x00),
			decode: lm75Bits(12),
			bus:    playback(0x48, lm75ID, reads(0, tx(b(1, 0xE1), nil), tx(b(1), b(0x61)))),
			dumps: []dump{
				{"TMP75: 127.9375 °C", "7ff0", "range"},
				{"TMP75: 0.25 °C", "0040", "0.25"},
				{"TMP75: zero", "0000", "0"},
				{"TMP75: one step below zero", "fff0", "-0.0625"},
			},
		},
		"mcp9808": { // its values are in mcp9808_test.go
			driver: "mcp9808", good: b(0x01, 0xC6),
			bus: func(dump []byte) i2c.BusCloser { return benched(openMCP9808, readMCP9808(dump[0], dump[1])) },
		},
		"ds2482": {
			driver: "ds2482", good: b(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x25),
			bus: bridged,
			dumps: []dump{
				{"DS2482: the data sheet's 25.0625 °C", "9101 4b46 7fff 0f10 ..", "25.0625"},
				{"DS2482: -25.0625 °C", "6ffe 4b46 7fff 0110 ..", "-25.0625"},
				{"DS2482: zero", "0000 4b46 7fff 1010 ..", "0"},
				{"DS2482: a true 85 °C", "5005 4b46 7fff 1010 ..", "85"},
				{"DS2482: 85 °C after power-on", "5005 4b46 7fff 0c10 1c", "power-on"},
				{"DS2482: 127.94 °C for want of power", "ff07 4b46 7fff 0c10 ..", "range"},
				{"DS2482: all zero with a right checksum", "0000 0000 0000 0000 00", "all-zero"},
				{"DS2482: a wrong checksum", "9101 4b46 7fff 0f10 26", "crc"},
				{"DS2482: the probe does not answer", "ffff ffff ffff ffff ff", "28-0316a2794fff does not answer"},
			},
		},
		"ds2482 io": {
			driver: "ds2482", options: map[string]any{"io": int64(5), "id": "28-0316A2794FFF"}, good: b(0x91, 0x01, 0x4b, 0x46, 0x7f, 0xff, 0x0f, 0x10, 0x25),
			bus: bridged,
			dumps: []dump{
				{"DS2482-800: a probe on another channel", "9101 4b46 7fff 0f10 ..", "25.0625"},
			},
		},
	}
}
