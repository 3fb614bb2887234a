package drivers

import (
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

var si7021 = onI2C(address{first: 0x40, last: 0x40}, startSi7021, Driver{
	Name:       "si7021",
	Summary:    "Silicon Labs Si7021: temperature and humidity on I²C, address 0x40",
	Quantities: []sensors.Quantity{shtRange, sensors.Humidity},
	Accuracy:   "±0.4 °C at most from -10 to 85 °C, ±3 % at most from 0 to 80 % (Si7021-A20, tables 4 and 5)",
	Wiring:     i2cWiring,
})

// htu21d is for the many chips with the same commands and no id: HTU21D (TE HPC199),
// SHT20, SHT21, SHT25 and their clones.
var htu21d = onI2C(address{first: 0x40, last: 0x40}, startHTU21D, Driver{
	Name:       "htu21d",
	Summary:    "TE HTU21D, Sensirion SHT20, SHT21, SHT25: temperature and humidity on I²C, address 0x40",
	Quantities: []sensors.Quantity{shtRange, sensors.Humidity},
	Accuracy:   "±0.3 °C at 25 °C, ±2 % at 55 %, typical (HTU21D)",
	Wiring:     i2cWiring,
})

// startSi7021 reads the second half of the serial number, whose first byte is the kind
// of chip (Si7021-A20, section 5.3).
func startSi7021(t *tap, v option.Values) (reader, error) {
	serial, err := t.ask(6, time.Millisecond, 0xFC, 0xC9)
	if err != nil {
		return nil, err
	}
	w, err := words(0, serial)
	if err != nil || w[0]>>8 != 0x15 {
		return nil, t.wrong(`the chip is not a Si7021, its kind is %#02x, want 0x15; many chips sold as Si7021 need driver = "htu21d"`, serial[0])
	}
	return startHTU21D(t, v)
}

// startHTU21D resets the chip to full resolution with the heater off, and checks its
// user register, whose bit 1 is set in all of them.
func startHTU21D(t *tap, _ option.Values) (reader, error) {
	if err := t.write(0xFE); err != nil {
		return nil, err
	}
	time.Sleep(20 * time.Millisecond) // 15 ms at most
	user, err := t.register(0xE7, 1)
	if err != nil {
		return nil, err
	}
	if user[0]&0x87 != 0x02 {
		return nil, t.wrong("the chip is not an HTU21D, its user register is %#02x after a reset", user[0])
	}
	// The slowest of them takes 50 ms for the temperature and 16 ms for the humidity
	// (HTU21D), a Si7021 23 ms for both together.
	return func() ([]sensors.Measurement, error) {
		humidity, err := t.ask(3, 30*time.Millisecond, 0xF5)
		if err != nil {
			return nil, err
		}
		temperature, err := t.ask(3, 55*time.Millisecond, 0xF3)
		if err != nil {
			return nil, err
		}
		return decodeSi7021(append(temperature, humidity...))
	}, nil
}

// decodeSi7021 computes temperature and humidity (sections 5.1.1 and 5.1.2). The two
// lowest bits are a status and not part of the value (HTU21D, section Conversion of
// Signal Outputs).
func decodeSi7021(answer []byte) ([]sensors.Measurement, error) {
	if only(0, answer[:3]) || only(0, answer[3:]) { // 0 is its own checksum here
		return nil, reject(sensors.AllZero, "the answer is all zero")
	}
	w, err := words(0, answer)
	if err != nil {
		return nil, err
	}
	t, err := measured(175.72*float64(w[0]&^3)/65536-46.85, shtRange.Min, shtRange.Max)
	if err != nil {
		return nil, err
	}
	return climate(t, crop(125*float64(w[1]&^3)/65536-6)), nil
}
