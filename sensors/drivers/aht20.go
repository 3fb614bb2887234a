package drivers

import (
	"errors"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// aht20 is a hygrometer on I²C (Aosong AHT20 product manual, version 1.1). It
// measures on request, with one checksum for everything. (periph's driver
// compares the checksum while the chip is still busy, and rounds.)
var aht20 = onI2C(address{first: 0x38, last: 0x38}, startAHT20, Driver{
	Name:       "aht20",
	Summary:    "Aosong AHT20, AHT21: temperature and humidity on I²C, address 0x38",
	Quantities: []sensors.Quantity{ahtRange, sensors.Humidity},
	Accuracy:   "±0.3 °C, ±2 %, typical (AHT20 product manual)",
	Wiring:     i2cWiring,
})

var ahtRange = sensors.Temperature.Within(-40, 85)

// The bits of the status.
const (
	ahtBusy       = 0x80
	ahtCalibrated = 0x08
)

// startAHT20 makes sure that the chip is calibrated (section 5.4). It has no
// id.
func startAHT20(t *tap, _ option.Values) (reader, error) {
	time.Sleep(40 * time.Millisecond) // after power-up
	status, err := t.register(0x71, 1)
	if err != nil {
		return nil, err
	}
	if status[0]&ahtCalibrated == 0 {
		if err := t.write(0xBE, 0x08, 0x00); err != nil {
			return nil, err
		}
		time.Sleep(10 * time.Millisecond)
		if status, err = t.register(0x71, 1); err != nil {
			return nil, err
		}
	}
	if status[0]&ahtCalibrated == 0 || status[0] == 0xFF {
		return nil, t.wrong("the chip is not an AHT20, or not calibrated, its status is %#02x", status[0])
	}
	return func() ([]sensors.Measurement, error) { return readAHT20(t) }, nil
}

// readAHT20 waits for the 80 ms that a measurement takes, and some more.
func readAHT20(t *tap) ([]sensors.Measurement, error) {
	answer, err := t.ask(7, 80*time.Millisecond, 0xAC, 0x33, 0x00)
	for range 10 {
		if err != nil || answer[0]&ahtBusy == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
		answer, err = t.answer(7)
	}
	if err != nil {
		return nil, err
	}
	return decodeAHT20(answer)
}

// decodeAHT20 takes status, 20 bits of humidity, 20 of temperature and their
// checksum (section 5.4).
func decodeAHT20(answer []byte) ([]sensors.Measurement, error) {
	sum := sensirionCRC(0xFF, answer[:6])
	switch {
	case only(0, answer):
		return nil, reject(sensors.AllZero, "the answer is all zero")
	case only(0xFF, answer):
		return nil, errors.New("the answer is all 0xff, as if there were no chip")
	case answer[0]&ahtBusy != 0:
		return nil, errors.New("the chip does not finish its measurement")
	case sum != answer[6]:
		return nil, reject(sensors.CRC, "% x has the checksum %02x", answer, sum)
	case answer[0]&ahtCalibrated == 0:
		return nil, errors.New("the chip has lost its calibration")
	}
	humidity := uint32(answer[1])<<12 | uint32(answer[2])<<4 | uint32(answer[3])>>4
	temperature := uint32(answer[3]&0x0f)<<16 | uint32(answer[4])<<8 | uint32(answer[5])
	t, err := measured(float64(temperature)/(1<<20)*200-50, ahtRange.Min, ahtRange.Max)
	if err != nil {
		return nil, err
	}
	return climate(t, float64(humidity)/(1<<20)*100), nil
}
