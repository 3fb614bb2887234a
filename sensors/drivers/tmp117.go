package drivers

import (
	"encoding/binary"
	"errors"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// tmp117 is a thermometer on I²C (Texas Instruments SNOSD82D), in steps of
// 1/128 °C. It measures on request and sleeps in between, so that it does not warm up.
var tmp117 = onI2C(address{0x48, 0x4b, "0x48 plus 0, 1, 2 or 3 for ADD0 at GND, V+, SDA or SCL"}, startTMP117, Driver{
	Name:       "tmp117",
	Summary:    "Texas Instruments TMP117: precise temperature on I²C",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-55, 150)},
	Accuracy:   "±0.1 °C at most from -20 to 50 °C, ±0.3 °C at most from -55 to 150 °C (SNOSD82D, page 1)",
	Wiring:     i2cWiring,
	Conversion: 140 * time.Millisecond,
})

// The registers of section 7.6, and what this driver writes to them.
const (
	tmpTemperature = 0x00
	tmpConfig      = 0x01
	tmpID          = 0x0f

	tmpReady   = 0x2000 // a conversion is complete
	tmpOneShot = 0x0c00
	tmpAverage = 0x0020 // of eight: 124 ms, 140 at most
)

// startTMP117 reads the id, whose upper four bits are a revision.
func startTMP117(t *tap, _ option.Values) (reader, error) {
	id, err := t.register(tmpID, 2)
	if err != nil {
		return nil, err
	}
	if binary.BigEndian.Uint16(id)&0x0fff != 0x117 {
		return nil, t.wrong("the chip is not a TMP117, its id is %x, want 0117", id)
	}
	// A conversion that nobody has looked at would pass for the next one: only reading
	// clears its flag (section 7.6.3).
	if _, err := t.register(tmpConfig, 2); err != nil {
		return nil, err
	}
	return func() ([]sensors.Measurement, error) {
		if err := convertTMP117(t); err != nil {
			return nil, err
		}
		answer, err := t.register(tmpTemperature, 2)
		if err != nil {
			return nil, err
		}
		return decodeTMP117(answer)
	}, nil
}

// convertTMP117 starts a conversion and waits until it is complete. The lowest two bits
// read as zeros, unless nothing drives the bus.
func convertTMP117(t *tap) error {
	if err := t.write(tmpConfig, (tmpOneShot|tmpAverage)>>8, (tmpOneShot|tmpAverage)&0xff); err != nil {
		return err
	}
	for range 10 {
		time.Sleep(20 * time.Millisecond)
		b, err := t.register(tmpConfig, 2)
		if err != nil {
			return err
		}
		config := binary.BigEndian.Uint16(b)
		if config&3 == 0 && config&tmpAverage != 0 && config&tmpReady != 0 {
			return nil
		}
	}
	return errors.New("the chip does not finish its measurement")
}

// decodeTMP117 rejects -256 °C, which the register holds before the first conversion
// (section 7.6.2).
func decodeTMP117(answer []byte) ([]sensors.Measurement, error) {
	raw := int16(binary.BigEndian.Uint16(answer))
	if raw == -0x8000 {
		return nil, reject(sensors.PowerOn, "the chip holds -256 °C before its first conversion")
	}
	return within(float64(raw)/128, -55, 150)
}
