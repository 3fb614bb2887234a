package drivers

import (
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// hdc302x is a hygrometer on I²C (Texas Instruments SNAS778). It shares
// the commands and formulas of the SHT3x. It measures on request, whereas periph's
// driver lets it measure, and warm itself, all the time.
var hdc302x = onI2C(address{0x44, 0x47, "0x44 plus 1 and 2 for ADDR and ADDR1 at VDD"}, startHDC302x, Driver{
	Name:       "hdc302x",
	Summary:    "Texas Instruments HDC3020, HDC3021, HDC3022: temperature and humidity on I²C",
	Quantities: []sensors.Quantity{shtRange, sensors.Humidity},
	Accuracy:   "±0.1 °C, ±0.5 % typical; ±0.2 °C from 0 to 50 °C, ±0.3 °C from -40 to 100 °C at most (SNAS778D, section 6.5)",
	Wiring:     i2cWiring,
})

// hdcManufacturer is Texas Instruments.
const hdcManufacturer = 0x3000

// startHDC302x stops what another program may have left running (section 7.5.7) and
// reads the manufacturer's id.
func startHDC302x(t *tap, _ option.Values) (reader, error) {
	for _, low := range []byte{0x93, 0x66} {
		if err := t.write(0x30, low); err != nil {
			return nil, err
		}
		time.Sleep(time.Millisecond)
	}
	id, err := t.ask(3, time.Millisecond, 0x37, 0x81)
	if err != nil {
		return nil, err
	}
	w, err := words(0xFF, id)
	if err != nil {
		return nil, t.wrong("the chip is not an HDC302x: %w", err)
	}
	if w[0] != hdcManufacturer {
		return nil, t.wrong("the chip is not an HDC302x, its manufacturer's id is %04x, want %04x", w[0], hdcManufacturer)
	}
	return readSHT3x(t), nil // 14.1 ms at most (section 6.5)
}
