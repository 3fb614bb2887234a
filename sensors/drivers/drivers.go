// Package drivers reads chips and kernel interfaces: one file each, and one table,
// [Table], for the check of the configuration, the drivers command, the README and
// the example configuration.
//
// A driver checks its options once, at start, without opening anything, and returns
// a probe that can be opened and reopened later. It judges values by the data sheet:
// one that the chip did not measure is a [sensors.Rejection], never a number. Only
// this package uses periph.io.
package drivers

import (
	"slices"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// A Driver is one way to read one kind of probe.
type Driver struct {
	Name       string
	Summary    string             // one line
	Quantities []sensors.Quantity // with the chip's measuring range
	Accuracy   string             // from the data sheet, with its section or page if known
	Wiring     string             // what to connect or to enable; may have several lines
	Options    []option.Option

	// AnyQuantity says that it takes names of quantities that are not in the table,
	// with a unit.
	AnyQuantity bool

	// Simulated says that its values were not measured when it was read.
	Simulated bool

	// Conversion is how long the chip takes for a measurement; 0: less than the
	// shortest interval.
	Conversion time.Duration

	// configure checks what the table of options cannot, and returns the probe
	// with its bus, quantities and Open.
	configure func(h Host, sensor string, v option.Values) (sensors.Probe, error)
}

// Table returns all drivers, sorted by name.
func Table() []Driver {
	return []Driver{
		aht20,
		am2320,
		bme280,
		bmp180,
		bmp280,
		ds18b20,
		ds2482,
		exec,
		file,
		hdc302x,
		htu21d,
		hwmon,
		iio,
		lm75,
		max31855,
		max31865,
		mcp9808,
		mock,
		replay,
		scd4x,
		sht3x,
		sht4x,
		si7021,
		thermal,
		tmp102,
		tmp117,
		w1netlink,
	}
}

// Has reports whether the driver has an option of that name.
func (d Driver) Has(name string) bool {
	return slices.ContainsFunc(d.Options, func(o option.Option) bool { return o.Name == name })
}

// Lookup returns the driver of that name, or an error that says what to write.
func Lookup(name string) (Driver, error) {
	var names []string
	for _, d := range Table() {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Driver{}, noDriver(name, names)
}

// IsSimulated reports whether the driver of that name makes its values up, or
// repeats old ones.
func IsSimulated(name string) bool {
	for _, d := range Table() {
		if d.Name == name {
			return d.Simulated
		}
	}
	return false
}

// Configure checks a sensor's options and returns its probe, not yet opened. The
// caller sets its Interval. It returns all errors it finds.
func (d Driver) Configure(h Host, sensor string, options map[string]any) (sensors.Probe, []error) {
	v, errs := option.Check(d.Options, options)
	if len(errs) > 0 {
		return sensors.Probe{}, errs
	}
	p, err := d.configure(h, sensor, v)
	if err != nil {
		return sensors.Probe{}, []error{err}
	}
	p.Name, p.Driver = sensor, d.Name
	if p.Conversion == 0 {
		p.Conversion = d.Conversion
	}
	return p, nil
}
