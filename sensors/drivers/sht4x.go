package drivers

import (
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// sht4x is a hygrometer on I²C (Sensirion SHT4x data sheet, version 6). It measures on
// request, with a checksum for each value.
var sht4x = onI2C(address{0x44, 0x46, "by the chip's name: 0x44 for SHT4x-A, 0x45 for SHT4x-B, 0x46 for SHT4x-C"}, startSHT4x, Driver{
	Name:       "sht4x",
	Summary:    "Sensirion SHT40, SHT41, SHT45: temperature and humidity on I²C",
	Quantities: []sensors.Quantity{shtRange, sensors.Humidity},
	Accuracy:   "±0.2 °C, ±1.8 % (SHT40, SHT41), ±0.1 °C, ±1 % (SHT45), typical (SHT4x, section 2)",
	Wiring:     i2cWiring,
})

// startSHT4x resets the chip, which turns off its heater, and reads its serial number,
// which other chips at that address do not have.
func startSHT4x(t *tap, _ option.Values) (reader, error) {
	if err := t.write(0x94); err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Millisecond) // 1 ms at most
	serial, err := t.ask(6, time.Millisecond, 0x89)
	if err != nil {
		return nil, err
	}
	if _, err := words(0xFF, serial); err != nil {
		return nil, t.wrong("the chip is not an SHT4x: %w", err)
	}
	return func() ([]sensors.Measurement, error) {
		answer, err := t.ask(6, 10*time.Millisecond, 0xFD) // 8.3 ms at most
		if err != nil {
			return nil, err
		}
		return decodeSHT4x(answer)
	}, nil
}

// decodeSHT4x computes section 4.6.
func decodeSHT4x(answer []byte) ([]sensors.Measurement, error) {
	w, err := words(0xFF, answer)
	if err != nil {
		return nil, err
	}
	t, err := measured(-45+175*float64(w[0])/65535, shtRange.Min, shtRange.Max)
	if err != nil {
		return nil, err
	}
	return climate(t, crop(-6+125*float64(w[1])/65535)), nil
}
