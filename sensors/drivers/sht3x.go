package drivers

import (
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// shtRange is what Sensirion's and Texas Instruments' hygrometers measure.
var shtRange = sensors.Temperature.Within(-40, 125)

// sht3x is a hygrometer on I²C (Sensirion SHT3x-DIS data sheet, version 6).
// It measures on request, with a checksum for each value.
var sht3x = onI2C(address{0x44, 0x45, "0x44 with ADDR at GND, 0x45 with ADDR at VDD"}, startSHT3x, Driver{
	Name:       "sht3x",
	Summary:    "Sensirion SHT30, SHT31, SHT35: temperature and humidity on I²C",
	Quantities: []sensors.Quantity{shtRange, sensors.Humidity},
	Accuracy:   "±0.2 °C, ±2 % (SHT30, SHT31), ±0.1 °C, ±1.5 % (SHT35), typical (SHT3x-DIS, section 1)",
	Wiring:     i2cWiring,
})

// startSHT3x stops a periodic measurement (0x3093) and the heater (0x3066), which
// another program may have started, and reads the status, as there is no id. Its
// checksum rules out other chips at that address.
func startSHT3x(t *tap, _ option.Values) (reader, error) {
	for _, low := range []byte{0x93, 0x66} {
		if err := t.write(0x30, low); err != nil {
			return nil, err
		}
		time.Sleep(time.Millisecond)
	}
	status, err := t.ask(3, time.Millisecond, 0xF3, 0x2D) // section 4.11
	if err != nil {
		return nil, err
	}
	if _, err := words(0xFF, status); err != nil {
		return nil, t.wrong("the chip is not an SHT3x: %w", err)
	}
	return readSHT3x(t), nil
}

// readSHT3x measures once, with high repeatability and without stretching the
// clock, in at most 15.5 ms (sections 2.2 and 4.3).
func readSHT3x(t *tap) reader {
	return func() ([]sensors.Measurement, error) {
		answer, err := t.ask(6, 17*time.Millisecond, 0x24, 0x00)
		if err != nil {
			return nil, err
		}
		return decodeSHT3x(answer)
	}
}

// decodeSHT3x computes section 4.13.
func decodeSHT3x(answer []byte) ([]sensors.Measurement, error) {
	w, err := words(0xFF, answer)
	if err != nil {
		return nil, err
	}
	t, err := measured(-45+175*float64(w[0])/65535, shtRange.Min, shtRange.Max)
	if err != nil {
		return nil, err // the humidity is worthless then
	}
	return climate(t, 100*float64(w[1])/65535), nil
}
