package drivers

import (
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/devices/v3/bmxx80"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// The operating ranges of all three chips: BME280 data sheet
// (BST-BME280-DS002) sections 1.1 to 1.4, BMP280 (BST-BMP280-DS001) section 1,
// BMP180 (BST-BMP180-DS000) page 2.
var (
	bmTemperature = sensors.Temperature.Within(-40, 85)
	bmPressure    = sensors.Pressure.Within(300, 1100)
)

var bmAddress = address{0x76, 0x77, "0x76 with SDO at GND, 0x77 with SDO at VDDIO"}

// spiInstead selects SPI for a BME280 or BMP280.
var spiInstead = option.Option{Name: "spi", Default: "", Digits: true, Doc: "SPI port instead of the I²C bus: 0.0 is /dev/spidev0.0, bus 0 with chip select 0"}

const boschWiring = i2cWiring + `
or on SPI: VDD 3.3 V, GND, SCK (SCL) GPIO 11 (pin 23), SDO GPIO 9 (pin 21),
SDI (SDA) GPIO 10 (pin 19), CSB GPIO 8 (pin 24, 0.0) or GPIO 7 (pin 26, 0.1);
dtparam=spi=on`

var bme280 = bosch{bme280ID, "BME280"}.driver(Driver{
	Name:       "bme280",
	Summary:    "Bosch BME280: temperature, humidity and pressure on I²C or SPI",
	Quantities: []sensors.Quantity{bmTemperature, sensors.Humidity, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±3 %; ±1 hPa (BST-BME280-DS002, sections 1.2 to 1.4)",
	Wiring:     boschWiring,
	Options:    []option.Option{spiInstead},
})

var bmp280 = bosch{bmp280ID, "BMP280"}.driver(Driver{
	Name:       "bmp280",
	Summary:    "Bosch BMP280: temperature and pressure on I²C or SPI",
	Quantities: []sensors.Quantity{bmTemperature, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±1 hPa (BST-BMP280-DS001, section 1, table 2)",
	Wiring:     boschWiring,
	Options:    []option.Option{spiInstead},
})

var bmp180 = onI2C(address{first: 0x77, last: 0x77}, bosch{bmp180ID, "BMP180"}.start, Driver{
	Name:       "bmp180",
	Summary:    "Bosch BMP180: temperature and pressure on I²C, address 0x77",
	Quantities: []sensors.Quantity{bmTemperature, bmPressure},
	Accuracy:   "±0.5 °C at 25 °C, ±1 °C from 0 to 65 °C; ±1 hPa (typical; BST-BMP180-DS000, section 1, table 1)",
	Wiring:     i2cWiring,
})

// A bosch is the kind of chip that is expected.
type bosch struct {
	id   byte // in register 0xD0
	name string
}

// driver completes the driver of a chip that is on I²C or, with the same registers,
// on SPI (BST-BME280-DS002, section 6.3).
func (b bosch) driver(d Driver) Driver {
	onI2C := onI2C(bmAddress, b.start, d)
	d.Options = onI2C.Options
	quantities := d.Quantities
	d.configure = func(h Host, sensor string, v option.Values) (sensors.Probe, error) {
		if v.String("spi") == "" {
			return onI2C.configure(h, sensor, v)
		}
		for _, o := range d.Options {
			if v.Given(o.Name) && o.Name != "spi" && v.Value(o.Name) != o.Default {
				return sensors.Probe{}, fmt.Errorf("options.%s: has no effect with spi", o.Name)
			}
		}
		return spiChip{mode: spi.Mode3, pairs: true}.probe(h, v, quantities, b.start)
	}
	return d
}

// oversample is ×4 for all: steps of 0.66 Pa (BST-BMP280-DS001, table 4) in at
// most 30 ms a measurement (BST-BME280-DS002, section 9.1).
var oversample = bmxx80.Opts{Temperature: bmxx80.O4x, Pressure: bmxx80.O4x, Humidity: bmxx80.O4x}

// start checks that the chip is the configured one, as periph accepts any of the
// family, and sets it up.
func (b bosch) start(t *tap, _ option.Values) (reader, error) {
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
	// periph checks the address, which has no meaning on SPI.
	dev, err := bmxx80.NewI2C(t, max(t.addr, 0x76), &oversample)
	if err != nil {
		return nil, t.cause(err)
	}
	return func() ([]sensors.Measurement, error) {
		guard.polls = 0
		if b.id == bme280ID {
			// A dip of the supply resets the chip, and it no longer measures
			// humidity; periph sets that at the start only (section 5.4.3;
			// Sense writes ctrl_meas, which puts it into effect).
			if err := t.write(ctrlHum, byte(oversample.Humidity)); err != nil {
				return nil, err
			}
		}
		env, err := sense(dev)
		if err != nil {
			return nil, t.cause(err)
		}
		if b.id == bme280ID {
			if err := keptHumidity(t); err != nil {
				return nil, err
			}
		}
		return b.measurements(env)
	}, nil
}

// ctrlHum is the register with the oversampling of humidity (section 5.4.3).
const ctrlHum = 0xF2

// keptHumidity rejects a reading of a chip that was reset between the writes of
// its two control registers: its humidity was skipped and reads 0x8000, which is
// a value like any other (70.13 % where it was 43.82 %, measured).
func keptHumidity(t *tap) error {
	got, err := t.register(ctrlHum, 1)
	if err != nil {
		return err
	}
	if got[0]&7 != byte(oversample.Humidity) {
		return reject(sensors.PowerOn, "the chip was reset during the measurement")
	}
	return nil
}

// measurements returns env in the units and the order of the quantities. Humidity
// and pressure are compensated with the temperature, so they are worth nothing if
// that is impossible.
func (b bosch) measurements(env physic.Env) ([]sensors.Measurement, error) {
	t, err := measured(env.Temperature.Celsius(), bmTemperature.Min, bmTemperature.Max)
	if err != nil {
		return nil, err
	}
	out := celsius(t)
	if b.id == bme280ID {
		out = climate(t, float64(env.Humidity)/float64(physic.PercentRH))
	}
	hPa := float64(env.Pressure) / float64(100*physic.Pascal)
	return append(out, sensors.Measurement{Quantity: sensors.Pressure.Name, Value: hPa}), nil
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
		return t.wrong(`the chip is a BME280, use driver = "bme280"`)
	case bmp280ID:
		return t.wrong(`the chip is a BMP280, which is often sold as another, use driver = "bmp280"`)
	case bmp180ID:
		return t.wrong(`the chip is a BMP180, use driver = "bmp180"`)
	}
	return t.wrong("the chip's id is %#02x, want %#02x of a %s", id[0], b.id, b.name)
}

// waitForBoot waits until the chip has loaded its calibration, 2 ms after power-up
// (register 0xF3 bit 0, section 5.4.4). Values read before that are wrong.
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
	return errors.New("the chip does not finish its start-up")
}
