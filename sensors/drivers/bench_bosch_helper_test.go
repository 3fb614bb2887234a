package drivers

import "periph.io/x/conn/v3/i2c"

// boschBenches returns the barometers, whose values are in bmxx80_test.go and
// bmp180_test.go.
func boschBenches() map[string]bench {
	burst := b(0x65, 0x5a, 0xc0, 0x7e, 0xed, 0x00, 0x68, 0x00)
	return map[string]bench{
		"bme280": {driver: "bme280", good: burst, bus: func(dump []byte) i2c.BusCloser {
			return benched(openBME280(), readBME280(dump...))
		}},
		"bme280 on SPI": {driver: "bme280", options: map[string]any{"spi": "0.0"}, good: burst, bus: func(dump []byte) i2c.BusCloser {
			open, read := spiBME280(dump...)
			return benched(open, read)
		}},
		"bmp280": {driver: "bmp280", good: burst[:6], bus: func(dump []byte) i2c.BusCloser {
			return benched(openBMP280(), readBMP280(dump...))
		}},
		"bmp180": {driver: "bmp180", good: b(0x6C, 0xFA, 0x5D, 0x23, 0), bus: func(dump []byte) i2c.BusCloser {
			return benched(openBMP180(), readBMP180(dump[:2], dump[2:]))
		}},
	}
}
