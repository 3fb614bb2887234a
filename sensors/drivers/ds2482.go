package drivers

import (
	"fmt"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

var bridgeAddress = address{0x18, 0x1f, "0x18 plus 1, 2 and, of a DS2482-800, 4 for AD0, AD1 and AD2 at VCC"}

// ds2482 reads a DS18B20 through a bridge from I²C to 1-Wire (Maxim 19-4930). The
// probe converts for 0.75 s with the strong pull-up on, and blocks the bus meanwhile.
var ds2482 = Driver{
	Name:       "ds2482",
	Summary:    "the same thermometers as ds18b20, through a DS2482-100, DS2482-800 or DS2484 on I²C",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-55, 125)},
	Accuracy:   ds18b20.Accuracy,
	Wiring:     "the bridge: VCC 3.3 V, GND, SDA GPIO 2 (pin 3), SCL GPIO 3 (pin 5), dtparam=i2c_arm=on; the probe: VDD, GND, DQ to IO of the bridge, no pull-up",
	Options: i2cOptions(
		bridgeAddress,
		w1Option,
		option.Option{Name: "io", Default: int64(0), Max: 7, Doc: "1-Wire channel of a DS2482-800"},
	),
	Conversion: 750 * time.Millisecond,
	configure:  configureDS2482,
}

func configureDS2482(h Host, _ string, v option.Values) (sensors.Probe, error) {
	id, err := w1IDOf(v)
	if err != nil {
		return sensors.Probe{}, err
	}
	p := &lineProbe{id: id}
	start := func(t *tap, v option.Values) (reader, error) {
		return p.start(&bridge{tap: t, io: int(v.Int("io")), many: v.Given("io")})
	}
	probe, err := i2cProbe(h, v, bridgeAddress, []sensors.Quantity{w1Range(id)}, start)
	probe.Source += fmt.Sprintf(", io %d, %s", v.Int("io"), w1Source(id))
	if probe.Identity += fmt.Sprintf("-io-%d", v.Int("io")); id != "" {
		probe.Identity = id
	}
	return probe, err
}
