package drivers

import (
	"encoding/binary"
	"time"

	"periph.io/x/conn/v3/physic"
	periph "periph.io/x/devices/v3/mcp9808"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// mcp9808 is a thermometer on I²C that measures continuously, four times a second, in
// steps of 1/16 °C (Microchip DS25095A).
var mcp9808 = onI2C(address{0x18, 0x1f, "0x18 plus 1, 2 and 4 for A0, A1 and A2 at VDD"}, startMCP9808, Driver{
	Name:       "mcp9808",
	Summary:    "Microchip MCP9808: precise temperature on I²C",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-40, 125)},
	Accuracy:   "±0.25 °C typical, ±0.5 °C at most from -20 to 100 °C, ±1 °C at most from -40 to 125 °C (DS25095A, page 1)",
	Wiring:     i2cWiring,
	Conversion: 250 * time.Millisecond,
})

// The registers that periph does not read, and the one it does.
const (
	mcpAmbient      = 0x05 // page 24
	mcpManufacturer = 0x06 // page 27
	mcpDevice       = 0x07 // page 28
)

// mcpConversion is longer than the 250 ms that a conversion takes (section
// 5.2.4). Before the first one the chip holds 0 °C.
const mcpConversion = 300 * time.Millisecond

// startMCP9808 identifies the chip, sets it to 1/16 °C, and waits for its first
// conversion.
func startMCP9808(t *tap, _ option.Values) (reader, error) {
	if err := identifyMCP9808(t); err != nil {
		return nil, err
	}
	dev, err := periph.New(t, &periph.Opts{Addr: int(t.addr), Res: periph.Maximum})
	if err != nil {
		return nil, t.cause(err)
	}
	time.Sleep(mcpConversion)

	var raw uint16
	t.judge = func(register byte, answer []byte) error {
		if register == mcpAmbient {
			raw = binary.BigEndian.Uint16(answer)
		}
		return nil
	}
	sense := func() (float64, error) {
		var env physic.Env
		if err := dev.Sense(&env); err != nil {
			return 0, t.cause(err)
		}
		return env.Temperature.Celsius(), nil
	}
	return func() ([]sensors.Measurement, error) {
		value, err := sense()
		if err == nil && doubtful(raw) {
			if err = identifyAgain(t, raw); err == nil {
				value, err = sense()
			}
		}
		if err != nil {
			return nil, err
		}
		return celsius(value), nil
	}, nil
}

// doubtful reports whether a value can be that of a dead bus: 0 °C, which a chip also
// returns after power-up, or all ones, which are -0.0625 °C. The upper three bits are
// the alerts.
func doubtful(raw uint16) bool {
	return raw&0x1fff == 0 || raw == 0xffff
}

// identifyAgain checks that a doubtful value comes from a chip, and waits for its next
// conversion.
func identifyAgain(t *tap, raw uint16) error {
	if err := identifyMCP9808(t); err != nil {
		if t.err == nil && raw == 0 {
			return reject(sensors.AllZero, "the bus reads as zeros: %v", err)
		}
		return err
	}
	time.Sleep(mcpConversion)
	return nil
}

// identifyMCP9808 reads the manufacturer's id and the device's, whose lower
// byte is a revision.
func identifyMCP9808(t *tap) error {
	manufacturer, err := t.register(mcpManufacturer, 2)
	if err != nil {
		return err
	}
	device, err := t.register(mcpDevice, 2)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint16(manufacturer) != 0x0054 || device[0] != 0x04 {
		return t.wrong("the chip is not an MCP9808, its ids are %x and %x, want 0054 and 04", manufacturer, device[:1])
	}
	return nil
}
