package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// hwmon reads chips that have a kernel driver of the class hwmon
// (Documentation/hwmon/sysfs-interface.rst, Documentation/ABI/testing/
// sysfs-class-hwmon): tempN_input in thousandths of a degree, humidityN_input of
// a percent, inN_input of a volt, currN_input of an ampere; powerN_input in millionths
// of a watt, energyN_input of a joule; fanN_input in revolutions a minute, freqN_input
// in hertz.
var hwmon = Driver{
	Name:       "hwmon",
	Summary:    "any chip with a hwmon driver in the kernel: lm75, sht3x, INA219, INA3221, CPU, disks, fans",
	Quantities: hwmonKinds.quantities(),
	Accuracy:   "depends on the chip",
	Wiring: `depends on the chip; on I²C load its driver with dtoverlay=i2c-sensor,lm75. If a chip
loses its supply for a moment, the kernel does not notice: an LM75 or TMP75 then
measures in steps of 0.5 °C, while the drivers lm75, mcp9808, sht3x and sht4x set
the chip up again. An exact 0 °C, which many chips hold after power-up, is read a
second time after 350 ms; if the chip still holds it, it cannot be told from a true 0 °C.
For an INA219, INA226 or INA3221 the kernel assumes a shunt of 10 mΩ, but most modules
have 100 mΩ. A udev rule sets the value, in µΩ (shunt1_resistor to 3 for an INA3221):
  SUBSYSTEM=="hwmon", ATTR{name}=="ina219", ATTR{shunt_resistor}="100000"
in0 is the voltage of the shunt and in1 that of the supply, which is read by default`,
	Options: []option.Option{
		{Name: "chip", Default: "", Example: "lm75", Doc: "name of the chip, as in /sys/class/hwmon/hwmon*/name; optional if path is given"},
		{Name: "path", Default: "", Doc: "part of the device path such as \"1-0048\", if two chips have the same name"},
		{Name: "input", Default: "", Doc: "such as \"temp1\" or \"humidity1\", if the chip has several"},
		{Name: "label", Default: "", Doc: "label of the input, as in temp1_label; instead of input"},
		{Name: "quantities", Default: []string{}, OneOf: hwmonKinds.names(), Doc: "what to measure; empty: every quantity for which the chip has a single input; implied by input"},
	},
	configure: configureHwmon,
}

// hwmonTemperature is what chips of this class measure; none is for thermocouples. The
// ends of an 8-bit register are outside of it.
var hwmonTemperature = sensors.Temperature.Within(-100, 250)

// hwmonKinds are the kinds of input.
var hwmonKinds = kinds{
	{quantity: hwmonTemperature, file: "temp", times: 1, over: 1000},
	{quantity: sensors.Humidity, file: "humidity", times: 1, over: 1000},
	{quantity: sensors.Voltage, file: "in", times: 1, over: 1000},
	{quantity: sensors.Current, file: "curr", times: 1, over: 1000},
	{quantity: sensors.Power, file: "power", times: 1, over: 1e6},
	{quantity: sensors.Energy, file: "energy", times: 1, over: 3.6e12},
	{quantity: sensors.Rotation, file: "fan", times: 1, over: 1},
	{quantity: sensors.Frequency, file: "freq", times: 1, over: 1},
}

// A hwmonProbe is one or more configured inputs of a chip.
type hwmonProbe struct {
	host              Host
	chip, path, label string
	input             string
	kinds             kinds
	optional          bool // those of the kinds that the chip has
}

func configureHwmon(h Host, _ string, v option.Values) (sensors.Probe, error) {
	p := hwmonProbe{h, v.String("chip"), v.String("path"), v.String("label"), v.String("input"), nil, false}
	switch {
	case p.chip == "" && p.path == "":
		return sensors.Probe{}, errors.New(`options.chip = "": want the name of a chip, as in /sys/class/hwmon/hwmon*/name`)
	case p.chip == w1Hwmon:
		return sensors.Probe{}, fmt.Errorf(`options.chip = %q: use driver = "ds18b20", which sees whether the probe has converted`, p.chip)
	case p.input != "" && p.label != "":
		return sensors.Probe{}, fmt.Errorf("options.label = %q: has no effect with input", p.label)
	}
	var err error
	if p.kinds, p.optional, err = hwmonKinds.choose(v, "input", p.input); err != nil {
		return sensors.Probe{}, err
	}
	bus := busName("hwmon", p.chip, p.path)
	source := strings.TrimSpace(bus + " " + p.input + p.label)
	return sensors.Probe{Bus: bus, Source: source, Quantities: p.kinds.quantities(), Optional: p.optional, Open: p.open}, nil
}

// w1Hwmon is the name of 1-Wire thermometers in this class, which does not show
// whether they have converted.
const w1Hwmon = "w1_slave_temp"

// open finds the chip and its inputs.
func (p hwmonProbe) open() (sensors.Sensor, error) {
	d, err := p.host.choose(hwmonClass, p.chip, p.path)
	if err != nil {
		return nil, err
	}
	if d.name == w1Hwmon {
		return nil, fmt.Errorf(`%s is a 1-Wire thermometer, use driver = "ds18b20"`, filepath.Base(d.place))
	}
	if err := hwmonRefused.of(d, "hwmon"); err != nil {
		return nil, err
	}
	all, err := hwmonInputs(d)
	if err != nil {
		return nil, err
	}
	inputs, err := openKinds(p.kinds, p.optional, d, func(k kind) (openInput, error) {
		name, err := p.choose(d, k, all)
		return openInput{k, filepath.Join(d.dir, name)}, err
	})
	if err != nil {
		return nil, err
	}
	return hwmonSensor{p.host, d.name, p.optional, inputs}, nil
}

// A hwmonSensor is an open chip.
type hwmonSensor struct {
	host     Host
	chip     string
	optional bool
	inputs   []openInput
}

// An openInput is an input of an open chip.
type openInput struct {
	kind kind
	file string // without "_input"
}

// hwmonConversion is longer than the slowest of these chips takes to measure: an
// LM75 300 ms.
const hwmonConversion = 350 * time.Millisecond

// Read measures once. An exact 0 °C is what an LM75, a JC42 and others hold between
// power-up and their first conversion, so it is read again after one.
func (s hwmonSensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	out, err := s.read()
	if err != nil || !slices.ContainsFunc(out, func(m sensors.Measurement) bool {
		return m.Quantity == sensors.Temperature.Name && m.Value == 0
	}) {
		return out, err
	}
	if err := pause(ctx, hwmonConversion); err != nil {
		return nil, err
	}
	return s.read()
}

func (s hwmonSensor) read() ([]sensors.Measurement, error) {
	return readKinds(s.inputs, s.optional, s.readInput)
}

func (s hwmonSensor) readInput(i openInput) (m sensors.Measurement, err error) {
	fault, err := s.host.number(i.file + "_fault")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	if fault != 0 {
		return m, reject(sensors.Fault, "the chip reports a fault of %s", filepath.Base(i.file))
	}
	v, err := s.host.number(i.file + "_input")
	if err != nil {
		return m, err
	}
	if err := s.overloaded(i); err != nil {
		return m, err
	}
	if hwmonMicrovolts(s.chip, filepath.Base(i.file)) {
		v /= 1000
	}
	if i.kind.quantity.Name == sensors.Humidity.Name {
		if err := tooDry(filepath.Base(i.file), v); err != nil {
			return m, err
		}
		v = 1000 * cropNoise(v/1000)
	}
	return sensors.Measurement{Quantity: i.kind.quantity.Name, Value: v * i.kind.times / i.kind.over}, nil
}

// Close does nothing: each reading opens the files anew.
func (s hwmonSensor) Close() error { return nil }
