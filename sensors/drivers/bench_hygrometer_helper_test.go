package drivers

// hygrometerBenches returns the chips on I²C that measure humidity.
func hygrometerBenches() map[string]bench {
	si7021Open := [][2][]byte{tx(b(0xFE), nil), tx(b(0xE7), b(0x3A))}
	si7021Read := func(dump []byte) [][2][]byte {
		return [][2][]byte{tx(b(0xF5), nil), tx(nil, dump[3:]), tx(b(0xF3), nil), tx(nil, dump[:3])}
	}
	return map[string]bench{
		"sht3x": {
			driver: "sht3x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00),
			decode: decodeSHT3x,
			bus: playback(0x44,
				[][2][]byte{tx(b(0x30, 0x93), nil), tx(b(0x30, 0x66), nil), tx(b(0xF3, 0x2D), nil), tx(nil, sums(0xFF, 0x80, 0x10))}, asks(0x24, 0x00)),
			dumps: []dump{
				{"SHT3x: 0.4 of the scale", "6666.. 8000..", "25 50.000762951094835"},
				{"SHT3x: the data sheet's word for the checksum", "beef92 0000..", "85.52300297550926 0"},
				{"SHT3x: below zero, and as damp as can be", "3333.. ffffac", "-10 100"},
				{"SHT3x: just above zero", "41d5.. 7fff..", "0.0030518043793392735 49.999237048905165"},
				{"SHT3x: the lowest temperature", "0751.. 8000..", "-39.99847409781033 50.000762951094835"},
				{"SHT3x: a temperature that it cannot have", "000081 8000..", "range"},
				{"SHT3x: a temperature too high", "ffffac 8000..", "range"},
				{"SHT3x: a wrong checksum of the temperature", "666600 8000..", "crc"},
				{"SHT3x: a wrong checksum of the humidity", "6666.. 800000", "crc"},
				{"SHT3x: the bus is held low", "000000 000000", "all-zero"},
				{"SHT3x: nobody drives the bus", "ffffff ffffff", "crc"},
			},
		},
		"hdc302x": {
			driver: "hdc302x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00),
			decode: decodeSHT3x,
			bus: playback(0x44,
				[][2][]byte{tx(b(0x30, 0x93), nil), tx(b(0x30, 0x66), nil), tx(b(0x37, 0x81), nil), tx(nil, sums(0xFF, 0x30, 0x00))}, asks(0x24, 0x00)),
			dumps: []dump{
				{"HDC302x: 0.4 of the scale", "6666.. 8000..", "25 50.000762951094835"},
				{"HDC302x: below zero", "3333.. 3333..", "-10 20"},
				{"HDC302x: one bit wrong", "6667.. 800000", "crc"},
				{"HDC302x: the bus is held low", "000000 000000", "all-zero"},
			},
		},
		"sht4x": {
			driver: "sht4x", good: sums(0xFF, 0x66, 0x66, 0x80, 0x00),
			decode: decodeSHT4x,
			bus: playback(0x44,
				[][2][]byte{tx(b(0x94), nil), tx(b(0x89), nil), tx(nil, sums(0xFF, 0x0F, 0xA1, 0x8B, 0x46))}, asks(0xFD)),
			dumps: []dump{
				{"SHT4x: 0.4 and half of the scale", "6666.. 8000..", "25 56.50095368886854"},
				{"SHT4x: below zero", "3333.. 5eb9..", "-10 40.252002746623944"},
				{"SHT4x: drier than dry", "6666.. 0c00..", "25 0"},
				{"SHT4x: damper than damp", "6666.. ffffac", "25 100"},
				{"SHT4x: a temperature that it cannot have", "000081 ffffac", "range"},
				{"SHT4x: a wrong checksum", "666692 8000..", "crc"},
			},
		},
		"htu21d": {
			driver: "htu21d", good: sums(0, 0x68, 0x3A, 0x63, 0x52),
			decode: decodeSi7021,
			bus:    playback(0x40, si7021Open, si7021Read),
			dumps: []dump{
				{"HTU21D: the data sheet's words", "683a7c 6352..", "24.686401367187493 42.492431640625"},
				{"HTU21D: below zero", "2ffc.. 4e86..", "-13.913225097656252 32.33770751953125"},
				{"HTU21D: drier than dry", "6838.. 0002..", "24.686401367187493 0"},
				{"HTU21D: damper than damp", "6838.. fffe..", "24.686401367187493 100"},
				{"HTU21D: a temperature that it cannot have", "fffc.. 6352..", "range"},
				{"HTU21D: the data sheet's third checksum, in place of another", "683a79 6352..", "crc"},
				{"HTU21D: zeros, which are their own checksum", "683a7c 000000", "all-zero"},
				{"HTU21D: the data sheet's other word, with a status", "683a7c 4e856b", "24.686401367187493 32.33770751953125"},
			},
		},
		"si7021": {
			driver: "si7021", good: sums(0, 0x68, 0x3A, 0x63, 0x52),
			decode: decodeSi7021,
			bus: playback(0x40,
				append([][2][]byte{tx(b(0xFC, 0xC9), nil), tx(nil, sums(0, 0x15, 0xFF, 0xB5, 0xFF))}, si7021Open...), si7021Read),
			dumps: []dump{
				{"Si7021: the same, whatever the status", "683b.. 6350..", "24.686401367187493 42.492431640625"},
				{"Si7021: below zero", "2ffc.. 4e86..", "-13.913225097656252 32.33770751953125"},
				{"Si7021: a wrong checksum", "2ffc.. 4e8600", "crc"},
				{"Si7021: 25 °C", "68ac.. 7c82..", "24.99742919921875 54.791015625"},
			},
		},
		"aht20": {
			driver: "aht20", good: b(0x18, 0x75, 0x52, 0x05, 0x8E, 0x40, 0x7F),
			decode: decodeAHT20,
			bus: playback(0x38,
				[][2][]byte{tx(b(0x71), b(0x10)), tx(b(0xBE, 0x08, 0x00), nil), tx(b(0x71), b(0x18))},
				func(dump []byte) [][2][]byte {
					return [][2][]byte{tx(b(0xAC, 0x33, 0x00), nil), tx(nil, b(0x98, 0, 0, 0, 0, 0, 0)), tx(nil, dump)}
				}),
			dumps: []dump{
				{"AHT20: a reading", "18 7552 058e40 7f", "19.44580078125 45.8282470703125"},
				{"AHT20: half of the scale", "18 8000 080000 ..", "50 50"},
				{"AHT20: zero", "1c 8000 040000 ..", "0 50"},
				{"AHT20: below zero", "18 8000 030000 ..", "-12.5 50"},
				{"AHT20: below its range", "18 8000 000000 ..", "range"},
				{"AHT20: a wrong checksum", "18 7552 058e40 7e", "crc"},
				{"AHT20: the bus is held low", "00 0000 000000 00", "all-zero"},
				{"AHT20: its calibration is lost", "10 7552 058e40 ..", "the chip has lost its calibration"},
			},
		},
		"am2320": {
			driver: "am2320", good: b(3, 4, 0x03, 0x39, 0x01, 0x15, 0xE1, 0xFE),
			decode: decodeAM2320,
			bus: playback(0x5C,
				[][2][]byte{tx(b(0), nil), tx(b(3, 0, 4), nil), tx(nil, b(3, 4, 0, 0, 0, 0, 0, 0))},
				func(dump []byte) [][2][]byte { return [][2][]byte{tx(b(0), nil), tx(b(3, 0, 4), nil), tx(nil, dump)} }),
			dumps: []dump{
				{"AM2320: the data sheet's example", "0304 0339 0115 e1fe", "27.7 82.5"},
				{"AM2320: the data sheet's other example", "0304 01f4 00fa 31a5", "25 50"},
				{"AM2320: -10.1 °C, with a sign and not in two's complement", "0304 0292 8065 ....", "-10.1 65.8"},
				{"AM2320: zero", "0304 01f4 0000 ....", "0 50"},
				{"AM2320: zero with a sign", "0304 01f4 8000 ....", "0 50"},
				{"AM2320: a clone's two's complement", "0304 01f4 ff9b ....", "range"},
				{"AM2320: a wrong checksum", "0304 0339 0115 e1ff", "crc"},
				{"AM2320: an error code", "8380 0339 0115 ....", "fault"},
				{"AM2320: the bus is held low", "0000 0000 0000 0000", "all-zero"},
			},
		},
		"scd4x": {
			driver: "scd4x", good: b(0x01, 0xF4, 0x33, 0x66, 0x67, 0xA2, 0x5E, 0xB9, 0x3C),
			decode: decodeSCD4x,
			bus: playback(0x62,
				[][2][]byte{tx(b(0x3F, 0x86), nil), tx(b(0x36, 0x82), nil), tx(nil, sums(0xFF, 0xF8, 0x96, 0x31, 0x9F, 0x07, 0xC2)), tx(b(0x21, 0xB1), nil)},
				func(dump []byte) [][2][]byte {
					ready := func(high, low byte) [][2][]byte {
						return [][2][]byte{tx(b(0xE4, 0xB8), nil), tx(nil, sums(0xFF, high, low))}
					}
					return append(append(ready(0x80, 0x00), ready(0x80, 0x06)...), asks(0xEC, 0x05)(dump)...)
				}),
			dumps: []dump{
				{"SCD4x: the data sheet's example", "01f433 6667a2 5eb93c", "500 25.002670328831925 37.00160219729916"},
				{"SCD4x: below zero", "01f433 3333.. 8000..", "500 -10 50.000762951094835"},
				{"SCD4x: 0 ppm was not measured", "000081 6667a2 5eb93c", "power-on"},
				{"SCD4x: more than it measures", "ffffac 6667a2 5eb93c", "range"},
				{"SCD4x: a wrong checksum in the middle", "01f433 6667a3 5eb93c", "crc"},
				{"SCD4x: the bus is held low", "000000 000000 000000", "all-zero"},
			},
		},
	}
}
