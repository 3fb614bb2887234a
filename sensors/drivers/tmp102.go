package drivers

import (
	"encoding/binary"
	"errors"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

var tmp102Address = address{0x48, 0x4b, "0x48 plus 0, 1, 2 or 3 for ADD0 at GND, V+, SDA or SCL"}

// tmp102 is a thermometer on I²C (Texas Instruments SBOS397), in steps of
// 1/16 °C. It measures on request. (periph's driver takes zeros for a configuration that
// it could not read, and does not support extended mode.)
var tmp102 = Driver{
	Name:       "tmp102",
	Summary:    "Texas Instruments TMP102, TMP112: temperature on I²C",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-40, 125)},
	Accuracy:   "±2 °C at most from -25 to 85 °C, ±3 °C at most from -40 to 125 °C (SBOS397, page 1)",
	Wiring:     i2cWiring,
	Options: i2cOptions(
		tmp102Address,
		option.Option{Name: "extended", Default: false, Doc: "measure up to 150 °C, beyond the specified accuracy"},
	),
	configure: func(h Host, _ string, v option.Values) (sensors.Probe, error) {
		q := sensors.Temperature.Within(-40, 125)
		if v.Bool("extended") {
			q.Max = 150
		}
		return i2cProbe(h, v, tmp102Address, []sensors.Quantity{q}, startTMP102)
	},
}

// The configuration (section Configuration Register): one-shot, resolution
// (two bits that are always set) and shutdown in the first byte, the default
// conversion rate and extended mode in the second. Bit 5 of the second is the
// alert.
const (
	tmp102OneShot  = 0x80
	tmp102Sleep    = 0x61
	tmp102Rate     = 0x80
	tmp102Extended = 0x10
	tmp102Alert    = 0x20
)

// startTMP102 checks the bits of the configuration that every TMP102 shares, as there is
// no id.
func startTMP102(t *tap, v option.Values) (reader, error) {
	config, err := t.register(0x01, 2)
	if err != nil {
		return nil, err
	}
	if config[0]&0x60 != 0x60 || config[1]&0x0f != 0 {
		return nil, t.wrong("the chip is not a TMP102, its configuration is %x", config)
	}
	low := byte(tmp102Rate)
	if v.Bool("extended") {
		low |= tmp102Extended
	}
	return func() ([]sensors.Measurement, error) {
		if err := convertTMP102(t, low); err != nil {
			return nil, err
		}
		answer, err := t.register(0x00, 2)
		if err != nil {
			return nil, err
		}
		return decodeTMP102(answer)
	}, nil
}

// convertTMP102 starts a conversion, which takes 35 ms at most, and waits until it is
// complete.
func convertTMP102(t *tap, low byte) error {
	if err := t.write(0x01, tmp102OneShot|tmp102Sleep, low); err != nil {
		return err
	}
	for range 5 {
		time.Sleep(36 * time.Millisecond)
		config, err := t.register(0x01, 2)
		if err != nil {
			return err
		}
		switch {
		case only(0, config):
			return reject(sensors.AllZero, "the configuration reads as zeros")
		case config[0]&tmp102Sleep != tmp102Sleep || config[1]&^tmp102Alert != low:
			return reject(sensors.PowerOn, "the chip has lost its configuration, it is %x", config)
		case config[0]&tmp102OneShot != 0:
			return nil
		}
	}
	return errors.New("the chip does not finish its measurement")
}

// decodeTMP102 takes 12 bits, or 13 if the lowest bit is set (section Temperature
// Register).
func decodeTMP102(answer []byte) ([]sensors.Measurement, error) {
	raw := int16(binary.BigEndian.Uint16(answer))
	switch {
	case raw&0x000f == 0:
		return within(float64(raw>>4)/16, -40, 125)
	case raw&0x0007 == 1:
		return within(float64(raw>>3)/16, -40, 150)
	}
	return nil, errors.New("the temperature has bits set that are always zero, as if there were no chip")
}
