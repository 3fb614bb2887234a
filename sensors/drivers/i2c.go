package drivers

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"periph.io/x/conn/v3/i2c"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

const i2cWiring = "VDD 3.3 V, GND, SDA GPIO 2 (pin 3), SCL GPIO 3 (pin 5); dtparam=i2c_arm=on"

// An address is the range of a chip's I²C addresses. The first is the default.
type address struct {
	first, last int64
	doc         string // what moves it from first to last
}

// A reader measures once.
type reader func() ([]sensors.Measurement, error)

// A starter sets a chip up and returns what reads it.
type starter func(*tap, option.Values) (reader, error)

// onI2C completes the driver of a chip on I²C.
func onI2C(at address, start starter, d Driver) Driver {
	quantities := d.Quantities
	d.Options = i2cOptions(at, d.Options...)
	d.configure = func(h Host, _ string, v option.Values) (sensors.Probe, error) {
		return i2cProbe(h, v, at, quantities, start)
	}
	return d
}

// i2cOptions returns the options that all I²C chips share, with the chip's own.
func i2cOptions(at address, own ...option.Option) []option.Option {
	options := []option.Option{{Name: "bus", Default: "1", Digits: true, Doc: "number of the I²C bus: 1 is /dev/i2c-1, the one on the header"}}
	if at.first < at.last {
		options = append(options, option.Option{Name: "address", Default: at.first, Min: float64(at.first), Max: float64(at.last), Hex: true, Doc: at.doc})
	}
	return append(append(options, own...), muxOptions...)
}

// i2cProbe checks the options that all I²C chips share. All probes of a bus have one
// worker, even behind multiplexers.
func i2cProbe(h Host, v option.Values, at address, quantities []sensors.Quantity, start starter) (sensors.Probe, error) {
	bus := v.String("bus")
	if n, err := strconv.ParseUint(bus, 10, 8); err != nil || strconv.FormatUint(n, 10) != bus {
		return sensors.Probe{}, fmt.Errorf(`options.bus = %q: want the number of a bus, such as "1"`, bus)
	}
	if err := checkMux(v); err != nil {
		return sensors.Probe{}, err
	}
	addr := at.first
	if at.first < at.last {
		addr = v.Int("address")
	}
	open := func() (sensors.Sensor, error) {
		b, err := h.openI2C(bus)
		if err != nil {
			return nil, err
		}
		return startOn(behindMux(b, v), uint16(addr), fmt.Sprintf("address %#x", addr), start, v)
	}
	source := fmt.Sprintf("I²C bus %s, %saddress %#x", bus, muxPlace(v), addr)
	identity := fmt.Sprintf("i2c-%s-%s%#x", bus, muxIdentity(v), addr)
	return sensors.Probe{Bus: "i2c-" + bus, Source: source, Identity: identity, Quantities: quantities, Open: open}, nil
}

// startOn sets a chip up, and closes the bus if that fails.
func startOn(bus i2c.BusCloser, addr uint16, place string, start starter, v option.Values) (sensors.Sensor, error) {
	read, err := start(&tap{Bus: bus, addr: addr, place: place}, v)
	if err != nil {
		bus.Close()
		return nil, err
	}
	return &openChip{bus, read}, nil
}

// An openChip is a chip that is ready to be read.
type openChip struct {
	bus  io.Closer
	read reader
}

// Read measures once. A transaction cannot be cancelled, so ctx is unused.
func (c *openChip) Read(context.Context) ([]sensors.Measurement, error) { return c.read() }

// Close closes the bus and leaves the chip as it is.
func (c *openChip) Close() error { return c.bus.Close() }
