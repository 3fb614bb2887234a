package drivers

import (
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/devices/v3/bmxx80"

	"sensorpub/sensors"
)

// The operating ranges of all three chips: BME280 data sheet
// (BST-BME280-DS002) sections 1.1 to 1.4, BMP280 (BST-BMP280-DS001) section 1,
// BMP180 (BST-BMP180-DS000) page 2.
var (
	bmTemperature = sensors.Temperature.Within(-40, 85)
	bmPressure    = sensors.Pressure.Within(300, 1100)
)

var bmAddress = Option{Name: "address", Default: int64(0x76), Min: 0x76, Max: 0x77, Hex: true, Doc: "0x76 with SDO at GND, 0x77 with SDO at VDDIO"}

const bmWiring = "VIN 3.3 V, GND, SDA GPIO 2 (pin 3), SCL GPIO 3 (pin 5); dtparam=i2c_arm=on"

var bme280 = Driver{
	Name:       "bme280",
	Summary:    "Bosch BME280: temperature, humidity and pressure on I²C",
	Quantities: []sensors.Quantity{bmTemperature, sensors.Humidity, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±3 %; ±1 hPa (BST-BME280-DS002, sections 1.2 to 1.4)",
	Wiring:     bmWiring,
	Options:    []Option{busOption, bmAddress},
	configure: func(h Host, _ string, v Values) (sensors.Probe, error) {
		return bosch{bme280ID, "BME280", []sensors.Quantity{bmTemperature, sensors.Humidity, bmPressure}}.
			configure(h, v.String("bus"), uint16(v.Int("address")))
	},
}

var bmp280 = Driver{
	Name:       "bmp280",
	Summary:    "Bosch BMP280: temperature and pressure on I²C",
	Quantities: []sensors.Quantity{bmTemperature, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±1 hPa (BST-BMP280-DS001, section 1, table 2)",
	Wiring:     bmWiring,
	Options:    []Option{busOption, bmAddress},
	configure: func(h Host, _ string, v Values) (sensors.Probe, error) {
		return bosch{bmp280ID, "BMP280", []sensors.Quantity{bmTemperature, bmPressure}}.
			configure(h, v.String("bus"), uint16(v.Int("address")))
	},
}

var bmp180 = Driver{
	Name:       "bmp180",
	Summary:    "Bosch BMP180: temperature and pressure on I²C, address 0x77",
	Quantities: []sensors.Quantity{bmTemperature, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±1 hPa (typical; BST-BMP180-DS000, section 1, table 1)",
	Wiring:     bmWiring,
	Options:    []Option{busOption},
	configure: func(h Host, _ string, v Values) (sensors.Probe, error) {
		return bosch{bmp180ID, "BMP180", []sensors.Quantity{bmTemperature, bmPressure}}.
			configure(h, v.String("bus"), 0x77)
	},
}

// A bosch is the kind of chip that is expected at an address.
type bosch struct {
	id         byte // in register 0xD0
	name       string
	quantities []sensors.Quantity
}

func (b bosch) configure(h Host, bus string, addr uint16) (sensors.Probe, error) {
	return i2cChip{host: h, bus: bus, addr: addr, start: b.start}.probe(b.quantities)
}

// oversample is ×4 for all: steps of 0.66 Pa (BST-BMP280-DS001, table 4) in at
// most 30 ms a measurement (BST-BME280-DS002, section 9.1).
var oversample = bmxx80.Opts{Temperature: bmxx80.O4x, Pressure: bmxx80.O4x, Humidity: bmxx80.O4x}

// start checks that the chip is the one that was configured, since periph
// takes any of the family, and sets it up.
func (b bosch) start(t *tap) (func() ([]sensors.Measurement, error), error) {
	if err := b.identify(t); err != nil {
		return nil, err
	}
	guard := boschGuard{}
	t.judge = guard.judge280
	if b.id == bmp180ID {
		t.judge = judge180
	} else if err := waitForBoot(t); err != nil {
		return nil, err
	}
	dev, err := bmxx80.NewI2C(t, t.addr, &oversample)
	if err != nil {
		return nil, t.cause(err)
	}
	return func() ([]sensors.Measurement, error) {
		guard.polls = 0
		if b.id == bme280ID {
			// A chip that was reset by a drop of its supply has forgotten
			// that it should measure humidity; periph says so at the start
			// only (section 5.4.3; the write of ctrl_meas in Sense follows).
			if err := t.Tx(t.addr, []byte{0xF2, byte(oversample.Humidity)}, nil); err != nil {
				return nil, t.cause(err)
			}
		}
		var env physic.Env
		if err := dev.Sense(&env); err != nil {
			return nil, t.cause(err)
		}
		return b.measurements(env), nil
	}, nil
}

// measurements gives env in the units of the quantities.
func (b bosch) measurements(env physic.Env) []sensors.Measurement {
	out := make([]sensors.Measurement, len(b.quantities))
	for i, q := range b.quantities {
		out[i].Quantity = q.Name
		switch q.Name {
		case sensors.Temperature.Name:
			out[i].Value = env.Temperature.Celsius()
		case sensors.Humidity.Name:
			out[i].Value = float64(env.Humidity) / float64(physic.PercentRH)
		case sensors.Pressure.Name:
			out[i].Value = float64(env.Pressure) / float64(100*physic.Pascal)
		}
	}
	return out
}

// The chip ids (register 0xD0) that a user may meet at these addresses.
const (
	bmp180ID = 0x55
	bmp280ID = 0x58
	bme280ID = 0x60
)

// identify reads the chip's id.
func (b bosch) identify(t *tap) error {
	id, err := t.register(0xD0, 1)
	if err != nil {
		return err
	}
	switch id[0] {
	case b.id:
		return nil
	case bme280ID:
		return fmt.Errorf(`address %#x: the chip is a BME280, use driver = "bme280"`, t.addr)
	case bmp280ID:
		return fmt.Errorf(`address %#x: the chip is a BMP280, which is often sold as another, use driver = "bmp280"`, t.addr)
	case bmp180ID:
		return fmt.Errorf(`address %#x: the chip is a BMP180, use driver = "bmp180"`, t.addr)
	}
	return fmt.Errorf("address %#x: the chip's id is %#02x, want %#02x of a %s", t.addr, id[0], b.id, b.name)
}

// waitForBoot waits until the chip has loaded its calibration, 2 ms after
// power-up (register 0xF3 bit 0, section 5.4.4); what is read before is wrong.
func waitForBoot(t *tap) error {
	for range 10 {
		status, err := t.register(0xF3, 1)
		if err != nil {
			return err
		}
		if status[0]&1 == 0 {
			return nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return errors.New("the chip does not finish its start")
}
