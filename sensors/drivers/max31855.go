package drivers

import (
	"encoding/binary"
	"errors"
	"strings"

	"periph.io/x/conn/v3/spi"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// max31855 reads a thermocouple over SPI (Maxim 19-5793), in steps of 1/4 °C, with
// cold-junction compensation. The chip measures continuously, every 0.1 s. The type
// of the thermocouple is part of the chip's name; it treats each as linear, which
// costs a few degrees far from room temperature.
var max31855 = Driver{
	Name:       "max31855",
	Summary:    "Maxim MAX31855: thermocouple on SPI",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-270, 1800)},
	Accuracy:   "±2 °C from -200 to 700 °C, ±4 °C to 1350 °C (MAX31855K), excluding the thermocouple (19-5793, Thermal Characteristics)",
	Wiring:     spiWiring + "; no MOSI",
	Options:    []option.Option{spiOption},
	configure: func(h Host, _ string, v option.Values) (sensors.Probe, error) {
		return spiChip{mode: spi.Mode0}.probe(h, v, []sensors.Quantity{sensors.Temperature.Within(-270, 1800)}, startMAX31855)
	},
}

// startMAX31855 has nothing to set up and no id to check.
func startMAX31855(t *tap, _ option.Values) (reader, error) {
	return func() ([]sensors.Measurement, error) {
		answer, err := t.answer(4)
		if err != nil {
			return nil, err
		}
		return decodeMAX31855(answer)
	}, nil
}

// faults31855 are the lowest bits of the answer, from bit 0 (table 3).
var faults31855 = []string{"is open", "is shorted to GND", "is shorted to VCC"}

// decodeMAX31855 takes 14 bits of the thermocouple's temperature, a fault bit,
// 12 bits of the chip's own temperature and three faults (tables 2 to 5). Bits
// 17 and 3 are always zero.
func decodeMAX31855(answer []byte) ([]sensors.Measurement, error) {
	word := binary.BigEndian.Uint32(answer)
	switch {
	case word == 0:
		return nil, reject(sensors.AllZero, "the answer is all zero")
	case word&(1<<17|1<<3) != 0:
		return nil, errors.New("bits are set that are always zero, as if there were no MAX31855")
	case word&(1<<16|7) != 0:
		return nil, reject(sensors.Fault, "the thermocouple %s", strings.Join(flags(byte(word&7), faults31855), " and "))
	}
	if _, err := measured(float64(int16(word)>>4)/16, -55, 127); err != nil {
		return nil, err
	}
	return within(float64(int32(word)>>18)/4, -270, 1800)
}

// flags names the bits that are set, from bit 0.
func flags(bits byte, names []string) []string {
	var out []string
	for i, name := range names {
		if bits>>i&1 != 0 {
			out = append(out, name)
		}
	}
	if out == nil {
		return []string{"has a fault without a name"}
	}
	return out
}
