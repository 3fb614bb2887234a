package drivers

import (
	"encoding/binary"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// am2320 is a hygrometer on I²C (Aosong AM2320 product manual). It sleeps until it
// is called, and returns what it measured after the previous call. (periph's driver
// gets values below zero wrong, as the chip does not use two's complement, and a
// missing chip blocks the bus for 20 s.)
var am2320 = onI2C(address{first: 0x5c, last: 0x5c}, startAM2320, Driver{
	Name:       "am2320",
	Summary:    "Aosong AM2320: temperature and humidity on I²C, address 0x5c, every 2 s",
	Quantities: []sensors.Quantity{amRange, sensors.Humidity.Within(0, 99.9)},
	Accuracy:   "±0.5 °C, ±3 %, typical at 25 °C (AM2320 product manual)",
	Wiring:     i2cWiring,
	Conversion: amAgain,
})

var amRange = sensors.Temperature.Within(-40, 80)

// amAgain is the shortest time between two calls (section 8.2.4).
const amAgain = 2 * time.Second

// startAM2320 calls the chip, which starts its first measurement.
func startAM2320(t *tap, _ option.Values) (reader, error) {
	if _, err := callAM2320(t); err != nil {
		return nil, err
	}
	last := time.Now()
	call := func() ([]byte, error) {
		time.Sleep(time.Until(last.Add(amAgain)))
		last = time.Now()
		return callAM2320(t)
	}
	return func() ([]sensors.Measurement, error) {
		if time.Since(last) > 2*amAgain { // the chip's value is as old as that
			if _, err := call(); err != nil {
				return nil, err
			}
		}
		answer, err := call()
		if err != nil {
			return nil, err
		}
		return decodeAM2320(answer)
	}, nil
}

// callAM2320 wakes the chip, which does not acknowledge that, and reads four
// registers (section 8.2.4).
func callAM2320(t *tap) ([]byte, error) {
	_ = t.write(0x00)
	time.Sleep(time.Millisecond) // 0.8 to 3 ms
	return t.ask(8, 2*time.Millisecond, 0x03, 0x00, 0x04)
}

// decodeAM2320 takes function code and count, humidity and temperature in
// tenths, the latter with its sign in bit 15, and the checksum, the lower byte
// first.
func decodeAM2320(answer []byte) ([]sensors.Measurement, error) {
	sum := crcModbus(answer[:6])
	switch {
	case only(0, answer):
		return nil, reject(sensors.AllZero, "the answer is all zero")
	case sum != binary.LittleEndian.Uint16(answer[6:]):
		return nil, reject(sensors.CRC, "% x has the checksum %04x, lower byte first", answer, sum)
	case answer[0] != 0x03 || answer[1] != 0x04:
		return nil, reject(sensors.Fault, "the chip answers % x", answer[:2])
	}
	tenths := float64(binary.BigEndian.Uint16(answer[4:]) & 0x7fff)
	if answer[4]&0x80 != 0 {
		tenths = 0 - tenths
	}
	t, err := measured(tenths/10, amRange.Min, amRange.Max)
	if err != nil {
		return nil, err
	}
	return climate(t, float64(binary.BigEndian.Uint16(answer[2:]))/10), nil
}

// crcModbus is x¹⁶+x¹⁵+x²+1 from 0xFFFF, the lowest bit first (section 8.2.3).
func crcModbus(data []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range data {
		crc ^= uint16(b)
		for range 8 {
			carry := crc&1 != 0
			crc >>= 1
			if carry {
				crc ^= 0xA001
			}
		}
	}
	return crc
}
