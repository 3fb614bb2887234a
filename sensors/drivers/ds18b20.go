package drivers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// ds18b20 reads 1-Wire thermometers through the kernel's driver w1_therm
// (Documentation/w1/slaves/w1_therm.rst). Reading makes a probe convert and takes a
// second or two; probes that are due together convert together.
var ds18b20 = Driver{
	Name:       "ds18b20",
	Summary:    "1-Wire thermometers DS18B20, DS18S20, DS1822, DS1825, DS28EA00, MAX31850",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-55, 125)},
	Accuracy:   "±0.5 °C from -10 to 85 °C, ±2 °C from -55 to 125 °C (DS18B20 19-7487, DC electrical characteristics)",
	Wiring:     "VDD 3.3 V, GND, DQ GPIO 4 (pin 7), 4.7 kΩ from DQ to 3.3 V; dtoverlay=w1-gpio",
	Options: []option.Option{
		w1Option,
		{Name: "resolution", Default: int64(0), Doc: "9 to 12 bits in 94 to 750 ms; 0 leaves it unchanged"},
	},
	configure: configureW1,
}

// thermocouple is the range of the MAX31850 (its data sheet, page 1), whose
// family code 3b is also that of the DS1825.
var thermocouple = sensors.Temperature.Within(-270, 1768)

// A w1Probe is a configured probe. It outlives the open one. Only the goroutine of
// the bus uses it.
type w1Probe struct {
	host       Host
	shared     *OneWire
	id         string // "": the only one there is
	resolution int64  // 0: unchanged

	last w1Last
}

// w1Devices has a link to each bus and to each chip.
const w1Devices = "/sys/bus/w1/devices"

func configureW1(h Host, _ string, v option.Values) (sensors.Probe, error) {
	id, err := w1IDOf(v)
	if err != nil {
		return sensors.Probe{}, err
	}
	p := &w1Probe{host: h, shared: h.OneWire, id: id, resolution: v.Int("resolution")}
	if p.resolution != 0 && (p.resolution < 9 || p.resolution > 12) {
		return sensors.Probe{}, fmt.Errorf("options.resolution = %d: want 9 to 12, or 0 to leave it unchanged", p.resolution)
	}
	if p.resolution != 0 && strings.HasPrefix(p.id, "10-") {
		return sensors.Probe{}, fmt.Errorf("options.resolution = %d: a DS18S20 (family 10) has none to set", p.resolution)
	}
	if p.shared == nil {
		p.shared = &OneWire{}
	}
	p.shared.add(p.id)
	return sensors.Probe{
		Bus: "w1", Source: "1-Wire " + w1Source(id), Identity: id, Conversion: w1Conversion(p.resolution),
		Quantities: []sensors.Quantity{w1Range(p.id)}, Open: p.open,
	}, nil
}

// w1Conversion is how long a DS18B20 takes to convert at so many bits (19-7487, table
// 2). 0 bits leave the resolution unchanged, which is 12 unless somebody set it.
func w1Conversion(bits int64) time.Duration {
	if bits == 0 {
		bits = 12
	}
	return 750 * time.Millisecond >> (12 - bits)
}

// A w1Sensor is an open probe.
type w1Sensor struct {
	probe  *w1Probe
	id     string
	dir    string
	master string // the directory of its bus; "" if unknown

	unawaited bool // the trigger before this reading returned at once
}

// Close does nothing: each reading opens the file anew.
func (s *w1Sensor) Close() error { return nil }

// Read measures once, if possible together with the other probes of the bus.
func (s *w1Sensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	s.probe.shared.convert(s)
	value, err := s.readAgain(ctx)
	s.probe.shared.judge(s, err)
	if err != nil {
		return nil, err
	}
	return celsius(value), nil
}

// readAgain reads a second time if the file was empty. The kernel leaves it so when
// the checksum was wrong, when the probe is missing, and while all probes convert
// together; it often helps.
func (s *w1Sensor) readAgain(ctx context.Context) (float64, error) {
	value, err := s.read()
	if !errors.Is(err, errEmpty) || ctx.Err() != nil {
		return value, err
	}
	if err := s.await(ctx); err != nil {
		return 0, err
	}
	return s.read()
}

var errEmpty = errors.New("empty, the kernel got no valid answer from the probe")

// read prefers the scratchpad, which shows what the bare temperature hides.
func (s *w1Sensor) read() (float64, error) {
	text, err := s.probe.host.readFile(filepath.Join(s.dir, "w1_slave"))
	parse := func(text []byte) (float64, bool, error) { return parseSlave(s.id, text) }
	if errors.Is(err, fs.ErrNotExist) {
		text, err = s.probe.host.readFile(filepath.Join(s.dir, "temperature"))
		parse = func(text []byte) (float64, bool, error) { return parseMillis(s.id, text) }
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("%s has vanished from the 1-Wire bus", s.id)
	case err != nil:
		return 0, err
	case len(text) == 0:
		return 0, fmt.Errorf("%s: %w", s.id, errEmpty)
	}
	value, powerOn, err := parse(text)
	if err != nil {
		return 0, err
	}
	return s.probe.last.accept(s.id, value, powerOn)
}
