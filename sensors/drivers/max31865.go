package drivers

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"periph.io/x/conn/v3/spi"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

var rtdRange = sensors.Temperature.Within(-200, 850)

// max31865 reads a platinum resistor over SPI (Maxim 19-6478), in steps of
// about 1/32 °C. It powers the resistor only to measure, so that it does
// not warm up, and checks for broken wires each time.
var max31865 = Driver{
	Name:       "max31865",
	Summary:    "Maxim MAX31865: PT100 or PT1000 on SPI, with 2, 3 or 4 wires",
	Quantities: []sensors.Quantity{rtdRange},
	Accuracy:   "±0.5 °C at most, excluding the resistor and the reference (19-6478, page 1)",
	Wiring:     spiWiring,
	Options: []option.Option{
		spiOption,
		{Name: "rtd", Default: "pt100", OneOf: []string{"pt100", "pt1000"}, Doc: "the resistor (IEC 60751)"},
		{Name: "wires", Default: int64(4), Min: 2, Max: 4, Doc: "number of wires to the resistor; the board's jumpers must match"},
		{Name: "reference", Default: 0.0, Doc: "reference resistor of the board in Ω; 0 means 430 for a PT100, 4300 for a PT1000"},
		{Name: "mains", Default: int64(50), Min: 50, Max: 60, Doc: "mains frequency to filter out: 50 or 60 Hz"},
	},
	configure: configureMAX31865,
}

// A platinum is the resistor connected to the chip.
type platinum struct {
	ohms      float64 // at 0 °C
	reference float64 // Ω
	config    byte    // bits of the configuration for its wires and the mains
}

func configureMAX31865(h Host, _ string, v option.Values) (sensors.Probe, error) {
	p := platinum{ohms: 100, reference: v.Float("reference")}
	if v.String("rtd") == "pt1000" {
		p.ohms = 1000
	}
	if p.reference == 0 {
		p.reference = 4.3 * p.ohms
	}
	// The chip measures up to the reference, and 3.9 of ohms are 850 °C.
	if p.reference < p.ohms || p.reference > 20*p.ohms {
		return sensors.Probe{}, fmt.Errorf("options.reference = %v: want %v to %v for a %s, or 0", v.Float("reference"), p.ohms, 20*p.ohms, v.String("rtd"))
	}
	if v.Int("wires") == 3 {
		p.config |= rtdThreeWires
	}
	switch v.Int("mains") {
	case 50:
		p.config |= rtd50Hz
	case 60:
	default:
		return sensors.Probe{}, fmt.Errorf("options.mains = %d: want 50 or 60", v.Int("mains"))
	}
	return spiChip{mode: spi.Mode1}.probe(h, v, []sensors.Quantity{rtdRange}, p.start)
}

// The bits of the configuration. A register is written at its number
// with bit 7 set.
const (
	rtdBias       = 0x80
	rtdOneShot    = 0x20
	rtdThreeWires = 0x10
	rtdCycle      = 0x0c // fault detection is running
	rtdSearch     = 0x04 // start it
	rtdClear      = 0x02 // the faults
	rtd50Hz       = 0x01
	rtdWrite      = 0x80
)

// start checks that the configuration can be read back, as there is no id.
func (p platinum) start(t *tap, _ option.Values) (reader, error) {
	if err := t.write(rtdWrite, rtdBias|p.config); err != nil {
		return nil, err
	}
	dump, err := t.register(0, 8)
	if err != nil {
		return nil, err
	}
	if dump[0] != rtdBias|p.config {
		return nil, t.wrong("the chip is not a MAX31865, its configuration is %#02x after %#02x was written", dump[0], rtdBias|p.config)
	}
	return func() ([]sensors.Measurement, error) {
		dump, err := p.convert(t)
		if off := t.write(rtdWrite, p.config); err == nil {
			err = off
		}
		if err != nil {
			return nil, err
		}
		return p.decode(dump)
	}, nil
}

// convert powers the resistor, looks for faults, measures once, and reads all
// registers.
func (p platinum) convert(t *tap) ([]byte, error) {
	if err := t.write(rtdWrite, rtdBias|rtdClear|p.config); err != nil {
		return nil, err
	}
	time.Sleep(12 * time.Millisecond) // 10.5 time constants of the input's filter and 1 ms
	if err := t.write(rtdWrite, rtdBias|rtdSearch|p.config); err != nil {
		return nil, err
	}
	if err := p.awaitSearch(t); err != nil {
		return nil, err
	}
	if err := t.write(rtdWrite, rtdBias|rtdOneShot|p.config); err != nil {
		return nil, err
	}
	time.Sleep(70 * time.Millisecond) // 66 at most, with the filter for 50 Hz
	return t.register(0, 8)
}

func (p platinum) awaitSearch(t *tap) error {
	for range 10 {
		time.Sleep(time.Millisecond)
		config, err := t.register(0, 1)
		if err != nil {
			return err
		}
		if config[0]&rtdCycle == 0 {
			return nil
		}
	}
	return errors.New("the chip does not finish its fault detection")
}

// faults31865 are the bits of the fault status, from bit 0 (tables 10 to 12).
var faults31865 = []string{
	2: "over- or undervoltage",
	3: "RTDIN- is low, a wire is open or shorted",
	4: "REFIN- is low, a wire is open or shorted",
	5: "REFIN- is high, the resistor is open",
	6: "the resistor is shorted",
	7: "the resistor is open",
}

// decode reads the registers: configuration, resistance (15 bits and a fault bit), two
// thresholds and the fault status.
func (p platinum) decode(dump []byte) ([]sensors.Measurement, error) {
	raw, faults := binary.BigEndian.Uint16(dump[1:]), dump[7]&^3
	switch want := rtdBias | p.config; {
	case only(0, dump):
		return nil, reject(sensors.AllZero, "all registers are zero")
	case only(0xFF, dump):
		return nil, errors.New("all registers are 0xff, as if there were no MAX31865")
	case dump[0] == 0:
		return nil, reject(sensors.PowerOn, "the chip was reset while it measured")
	case dump[0] != want:
		return nil, fmt.Errorf("the configuration is %#02x, want %#02x", dump[0], want)
	case raw&1 != 0 || faults != 0:
		return nil, reject(sensors.Fault, "%s", strings.Join(flags(faults, faults31865), ", "))
	}
	ratio := float64(raw>>1) / (1 << 15)
	return within(rtdCelsius(ratio*p.reference/p.ohms), rtdRange.Min, rtdRange.Max)
}
