package drivers

import (
	"context"
	"fmt"
	"strconv"

	"periph.io/x/conn/v3/i2c"

	"sensorpub/sensors"
)

// busOption is the option bus of every I²C driver.
var busOption = Option{Name: "bus", Default: "1", Doc: "number of the I²C bus: 1 is /dev/i2c-1, the one on the header"}

// An i2cChip opens one chip on an I²C bus.
type i2cChip struct {
	host Host
	bus  string
	addr uint16
	// start makes the chip ready and returns what reads it once.
	start func(*tap) (func() ([]sensors.Measurement, error), error)
}

// probe checks the bus and returns the chip's probe.
func (c i2cChip) probe(quantities []sensors.Quantity) (sensors.Probe, error) {
	if n, err := strconv.ParseUint(c.bus, 10, 8); err != nil || strconv.FormatUint(n, 10) != c.bus {
		return sensors.Probe{}, fmt.Errorf(`options.bus = %q: want the number of a bus, such as "1"`, c.bus)
	}
	return sensors.Probe{Bus: "i2c-" + c.bus, Quantities: quantities, Open: c.open}, nil
}

func (c i2cChip) open() (sensors.Sensor, error) {
	bus, err := c.host.openI2C(c.bus)
	if err != nil {
		return nil, err
	}
	t := &tap{Bus: bus, addr: c.addr}
	read, err := c.start(t)
	if err != nil {
		bus.Close()
		return nil, err
	}
	return &i2cSensor{bus, read}, nil
}

// An i2cSensor is an open chip.
type i2cSensor struct {
	bus  i2c.BusCloser
	read func() ([]sensors.Measurement, error)
}

// Read measures once. A transaction cannot be cancelled, so ctx is not used.
func (s *i2cSensor) Read(context.Context) ([]sensors.Measurement, error) { return s.read() }

// Close gives the bus back and leaves the chip as it is.
func (s *i2cSensor) Close() error { return s.bus.Close() }

// A tap is a chip's bus, listened to. periph words the errors of the bus anew
// and drops their kind, and it turns whatever the chip answers into a number:
// the tap keeps the error, and lets the driver judge an answer before periph
// sees it.
type tap struct {
	i2c.Bus
	addr  uint16
	judge func(register byte, answer []byte) error // nil: all is well
	err   error                                    // of the last transaction
}

// Tx implements [i2c.Bus].
func (t *tap) Tx(addr uint16, w, r []byte) error {
	t.err = t.Bus.Tx(addr, w, r)
	if t.err == nil && t.judge != nil && len(w) > 0 && len(r) > 0 {
		t.err = t.judge(w[0], r)
	}
	return t.err
}

// cause returns why a call of periph's failed, or nil if it did not.
func (t *tap) cause(err error) error {
	if err != nil && t.err != nil {
		return fmt.Errorf("address %#x: %w", t.addr, t.err)
	}
	return err
}

// register reads n bytes from a register of the chip.
func (t *tap) register(register byte, n int) ([]byte, error) {
	answer := make([]byte, n)
	return answer, t.cause(t.Tx(t.addr, []byte{register}, answer))
}

// only tells whether all bytes are b.
func only(b byte, answer []byte) bool {
	for _, x := range answer {
		if x != b {
			return false
		}
	}
	return true
}
