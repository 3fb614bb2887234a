package drivers

import "periph.io/x/conn/v3/i2c"

// spiBenches returns the chips on SPI.
func spiBenches() map[string]bench {
	rtd := func(config byte) func([]byte) i2c.BusCloser {
		return playback(0,
			[][2][]byte{sent(0x80, 0x80|config), full(0, b(0x80|config, 0, 0, 0xFF, 0xFF, 0, 0, 0))},
			func(dump []byte) [][2][]byte {
				return [][2][]byte{
					sent(0x80, 0x82|config), sent(0x80, 0x84|config), full(0, b(0x84|config)), full(0, b(0x80|config)),
					sent(0x80, 0xA0|config), full(0, dump), sent(0x80, config),
				}
			})
	}
	return map[string]bench{
		"max31855": {
			driver: "max31855", good: b(0x01, 0x90, 0x19, 0x00),
			decode: decodeMAX31855,
			bus:    playback(0, nil, func(dump []byte) [][2][]byte { return [][2][]byte{tx(make([]byte, 4), dump)} }),
			dumps: []dump{
				{"MAX31855: 1600 °C", "6400 1900", "1600"},
				{"MAX31855: 1000 °C", "3e80 6490", "1000"},
				{"MAX31855: 100.75 °C", "064c 1900", "100.75"},
				{"MAX31855: zero", "0000 1900", "0"},
				{"MAX31855: a step below zero, and a cold end as cold", "fffc fff0", "-0.25"},
				{"MAX31855: -250 °C, with a cold end of -55", "f060 c900", "-250"},
				{"MAX31855: nothing is connected", "0191 1901", "fault"},
				{"MAX31855: shorted to GND", "0191 1902", "fault"},
				{"MAX31855: shorted to VCC", "0191 1904", "fault"},
				{"MAX31855: the fault bit alone", "0191 1900", "fault"},
				{"MAX31855: -2048 °C", "8000 1900", "range"},
				{"MAX31855: a cold end of -128 °C", "0190 8000", "range"},
				{"MAX31855: MISO is held low", "0000 0000", "all-zero"},
				{"MAX31855: nobody drives MISO", "ffff ffff", "bits are set that are always zero, as if there were no MAX31855"},
			},
		},
		"max31865": {
			driver: "max31865", options: map[string]any{"reference": 400.0}, good: b(0x81, 0x42, 0x80, 0xFF, 0xFF, 0, 0, 0),
			decode: platinum{ohms: 100, reference: 400, config: 0x01}.decode,
			bus:    rtd(0x01),
			dumps: []dump{
				{"MAX31865: PT100 at zero", "81 4000 ffff 0000 00", "0"},
				{"MAX31865: PT100 of 80.298 Ω", "81 3364 ffff 0000 00", "-50.02122812663233"},
				{"MAX31865: full scale, an open resistor", "81 fffe ffff 0000 00", "range"},
				{"MAX31865: nothing, a shorted resistor", "81 0000 ffff 0000 00", "range"},
				{"MAX31865: the fault bit of the resistance", "81 4001 ffff 0000 20", "fault"},
				{"MAX31865: FORCE- is open, and the value looks true", "81 4000 ffff 0000 08", "fault"},
				{"MAX31865: an overvoltage", "81 4000 ffff 0000 04", "fault"},
				{"MAX31865: it was reset while it measured", "00 0000 ffff 0000 00", "power-on"},
				{"MAX31865: MISO is held low", "00 0000 0000 0000 00", "all-zero"},
				{"MAX31865: nobody drives MISO", "ff ffff ffff ffff ff", "all registers are 0xff, as if there were no MAX31865"},
			},
		},
		"max31865 pt1000": {
			driver: "max31865", options: map[string]any{"rtd": "pt1000", "wires": int64(3), "mains": int64(60), "reference": int64(4000)}, good: b(0x90, 0x42, 0x80, 0xFF, 0xFF, 0, 0, 0),
			decode: platinum{ohms: 1000, reference: 4000, config: 0x10}.decode,
			bus:    rtd(0x10),
			dumps: []dump{
				{"MAX31865: PT1000 at zero, with three wires and 60 Hz", "90 4000 ffff 0000 00", "0"},
			},
		},
	}
}
