package drivers

import (
	"encoding/binary"
	"fmt"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

var (
	lm75Address = address{0x48, 0x4f, "0x48 plus 1, 2 and 4 for A0, A1 and A2 at VCC"}
	lm75Range   = sensors.Temperature.Within(-55, 125)
)

// lm75 is the family of thermometers on I²C with the registers of the LM75
// (National SNIS153, NXP LM75A and LM75B, Texas Instruments TMP75 SBOS288 and
// TMP105 SBOS648). None has an id.
var lm75 = Driver{
	Name:       "lm75",
	Summary:    "LM75, LM75A, LM75B, TMP75, TMP105: temperature on I²C",
	Quantities: []sensors.Quantity{lm75Range},
	Accuracy:   "±2 °C from -25 to 100 °C, ±3 °C from -55 to 125 °C at most (LM75 and LM75B); ±2 °C from -25 to 85 °C (TMP75, TMP105)",
	Wiring:     i2cWiring,
	Options: i2cOptions(
		lm75Address,
		option.Option{Name: "chip", Default: "lm75", OneOf: []string{"lm75", "lm75a", "lm75b", "tmp75", "tmp105"}, Doc: "lm75a and lm75b are NXP's, with steps of 0.125 °C; use lm75 for those of National and Texas Instruments"},
		option.Option{Name: "resolution", Default: int64(0), Doc: "for tmp75 and tmp105: 9 to 12 bits in 38 to 300 ms; 0 means 12"},
	),
	configure: configureLM75,
}

func configureLM75(h Host, _ string, v option.Values) (sensors.Probe, error) {
	chip, bits := v.String("chip"), int(v.Int("resolution"))
	var start func(t *tap, bits int) (reader, error)
	switch {
	case chip == "tmp75" || chip == "tmp105":
		if bits == 0 {
			bits = 12
		}
		if bits < 9 || bits > 12 {
			return sensors.Probe{}, fmt.Errorf("options.resolution = %d: want 9 to 12, or 0 for 12", bits)
		}
		start = startTMP75
	case bits != 0:
		return sensors.Probe{}, fmt.Errorf("options.resolution = %d: the chip %s has none to set", bits, chip)
	case chip == "lm75":
		start, bits = startLM75, 9
	default:
		start, bits = startLM75, 11
	}
	p, err := i2cProbe(h, v, lm75Address, []sensors.Quantity{lm75Range}, func(t *tap, _ option.Values) (reader, error) {
		return start(t, bits)
	})
	p.Conversion = lm75Conversion
	if chip == "tmp75" || chip == "tmp105" {
		p.Conversion >>= 12 - bits
	}
	return p, err
}

// The registers.
const (
	lm75Temperature = 0x00
	lm75Config      = 0x01
	lm75Hysteresis  = 0x02
	lm75Limit       = 0x03
)

// lm75Conversion is how long the slowest of them takes. Before its first conversion
// the chip holds 0 °C.
const lm75Conversion = 300 * time.Millisecond

// startLM75 wakes a chip that measures continuously, and waits for its first
// conversion.
func startLM75(t *tap, bits int) (reader, error) {
	if err := identifyLM75(t); err != nil {
		return nil, err
	}
	if err := t.write(lm75Config, 0); err != nil {
		return nil, err
	}
	time.Sleep(lm75Conversion)
	return func() ([]sensors.Measurement, error) {
		answer, err := t.register(lm75Temperature, 2)
		if err == nil && (only(0, answer) || only(0xFF, answer)) {
			// The bus may be dead, or the chip may just have got its power.
			if err = identifyLM75(t); err == nil {
				time.Sleep(lm75Conversion)
				answer, err = t.register(lm75Temperature, 2)
			}
		}
		if err != nil {
			return nil, err
		}
		return decodeLM75(answer, bits)
	}, nil
}

// identifyLM75 checks that the limits, 75 and 80 °C after power-up, can be those of
// such a chip: 9 bits, or 12 of a TMP75, followed by zeros.
func identifyLM75(t *tap) error {
	hysteresis, err := t.register(lm75Hysteresis, 2)
	if err != nil {
		return err
	}
	limit, err := t.register(lm75Limit, 2)
	if err != nil {
		return err
	}
	if only(0, hysteresis) && only(0, limit) {
		return reject(sensors.AllZero, "the registers read as zeros")
	}
	if (hysteresis[1]|limit[1])&0x0f != 0 {
		return t.wrong("the chip is not an LM75, its limits are %x and %x", hysteresis, limit)
	}
	return nil
}

// startTMP75 checks that there is a chip.
func startTMP75(t *tap, bits int) (reader, error) {
	if err := identifyLM75(t); err != nil {
		return nil, err
	}
	return func() ([]sensors.Measurement, error) { return readTMP75(t, bits) }, nil
}

// readTMP75 starts one conversion (SBOS288, section One-Shot) and reads it, unless the
// chip was reset in between.
func readTMP75(t *tap, bits int) ([]sensors.Measurement, error) {
	const oneShot, shutdown = 0x80, 0x01
	asleep := byte(bits-9)<<5 | shutdown
	if err := t.write(lm75Config, oneShot|asleep); err != nil {
		return nil, err
	}
	time.Sleep(lm75Conversion >> (12 - bits))
	config, err := t.register(lm75Config, 1)
	if err != nil {
		return nil, err
	}
	if config[0]&^oneShot != asleep {
		return nil, reject(sensors.PowerOn, "the chip's configuration is %#02x after %#02x was written", config[0], asleep)
	}
	answer, err := t.register(lm75Temperature, 2)
	if err != nil {
		return nil, err
	}
	return decodeLM75(answer, bits)
}

// decodeLM75 uses as many bits as the chip has; the others need not be zero.
func decodeLM75(answer []byte, bits int) ([]sensors.Measurement, error) {
	raw := int16(binary.BigEndian.Uint16(answer)) >> (16 - bits)
	return within(float64(raw)/float64(int(1)<<(bits-8)), lm75Range.Min, lm75Range.Max)
}
