package drivers

import (
	"errors"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// scd4x measures carbon dioxide on I²C (Sensirion SCD4x data sheet, version 1.3),
// continuously, every five seconds. (periph's driver hides bus errors while it waits
// for a value.)
var scd4x = onI2C(address{first: 0x62, last: 0x62}, startSCD4x, Driver{
	Name:       "scd4x",
	Summary:    "Sensirion SCD40, SCD41: CO₂, temperature and humidity on I²C, address 0x62",
	Quantities: []sensors.Quantity{scdCO2, sensors.Temperature.Within(-10, 60), sensors.Humidity},
	Accuracy:   "±(50 ppm + 5 %) from 400 to 2000 ppm (SCD40), ±(40 ppm + 5 %) from 400 to 5000 ppm (SCD41), ±0.8 °C, ±6 % (SCD4x, sections 1.1 to 1.3)",
	Wiring:     i2cWiring,
	Conversion: 5 * time.Second,
})

// scdCO2 excludes 0, which the chip returns if it did not measure (section 3.10.2).
var scdCO2 = sensors.CO2.Within(1, 40000)

// scdInterval is the chip's interval plus the tolerance of its clock.
const scdInterval = 5500 * time.Millisecond

// startSCD4x stops a measurement that may still be running, during which the chip
// accepts few commands, reads the serial number, and starts measuring (sections 3.5
// and 3.9.2).
func startSCD4x(t *tap, _ option.Values) (reader, error) {
	if err := t.write(0x3F, 0x86); err != nil {
		return nil, err
	}
	time.Sleep(500 * time.Millisecond)
	serial, err := t.ask(9, time.Millisecond, 0x36, 0x82)
	if err != nil {
		return nil, err
	}
	if _, err := words(0xFF, serial); err != nil {
		return nil, t.wrong("the chip is not an SCD4x: %w", err)
	}
	if err := t.write(0x21, 0xB1); err != nil {
		return nil, err
	}
	return func() ([]sensors.Measurement, error) {
		if err := awaitSCD4x(t); err != nil {
			return nil, err
		}
		answer, err := t.ask(9, time.Millisecond, 0xEC, 0x05)
		if err != nil {
			return nil, err
		}
		return decodeSCD4x(answer)
	}, nil
}

// awaitSCD4x waits for a new value (section 3.8.2). It blocks the bus only for the
// first one, if the sensor's interval is five seconds or more.
func awaitSCD4x(t *tap) error {
	const pause = 250 * time.Millisecond
	for range scdInterval / pause {
		answer, err := t.ask(3, time.Millisecond, 0xE4, 0xB8)
		if err != nil {
			return err
		}
		w, err := words(0xFF, answer)
		if err != nil {
			return err
		}
		if w[0]&0x07ff != 0 {
			return nil
		}
		time.Sleep(pause)
	}
	return errors.New("the chip has not measured for 5 s")
}

// decodeSCD4x computes section 3.5.2.
func decodeSCD4x(answer []byte) ([]sensors.Measurement, error) {
	w, err := words(0xFF, answer)
	if err != nil {
		return nil, err
	}
	if w[0] == 0 {
		return nil, reject(sensors.PowerOn, "the chip returns 0 ppm if it did not measure")
	}
	t, err := measured(-45+175*float64(w[1])/65535, -10, 60)
	if err != nil {
		return nil, err
	}
	co2 := sensors.Measurement{Quantity: sensors.CO2.Name, Value: float64(w[0])}
	return append([]sensors.Measurement{co2}, climate(t, 100*float64(w[2])/65535)...), nil
}
