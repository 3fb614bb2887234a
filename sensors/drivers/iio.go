package drivers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// iio reads chips that have a kernel driver of the industrial I/O subsystem
// (Documentation/ABI/testing/sysfs-bus-iio). A channel is in_X_input, in the
// documented unit, or in_X_raw, whose value is (raw + in_X_offset) * in_X_scale.
var iio = Driver{
	Name:       "iio",
	Summary:    "any chip with an iio driver in the kernel: DHT22, BME680, BH1750, VEML7700, ADS1115, SPS30",
	Quantities: iioKinds.quantities(),
	Accuracy:   "depends on the chip; DHT22 ±0.5 °C and ±2 %, DHT11 ±2 °C and ±5 % in whole steps",
	Wiring: `depends on the chip; for a DHT22 with its data on GPIO 4 dtoverlay=dht11,gpiopin=4. If a
BME280 or BMP280 loses its supply for a moment, the kernel does not set it up again
and every reading fails; the drivers bme280 and bmp280 do`,
	Options: []option.Option{
		{Name: "device", Default: "", Example: "bme280", Doc: "name of the device, as in /sys/bus/iio/devices/iio:device*/name, up to any @; optional if path is given"},
		{Name: "path", Default: "", Doc: "part of the device path such as \"1-0076\", if two devices have the same name"},
		{Name: "quantities", Default: []string{}, OneOf: iioKinds.names(), Doc: "what to measure; empty: every quantity for which the device has a single channel; implied by channel"},
		{Name: "channel", Default: "", Doc: "such as \"temp_object\", if the device has several channels of a quantity"},
	},
	configure: configureIIO,
}

// iioKinds are the channels with their documented units: thousandths of a degree,
// of a percent of humidity, of a volt, an ampere and a watt; kPa, percent of a gas,
// µg/m³, lux, joule, ohm, siemens per metre, metre. Proximity is not among them: it
// has a unit with hardly any driver.
var iioKinds = kinds{
	{quantity: sensors.Temperature.Within(-270, 1800), file: "temp", times: 1, over: 1000},
	{quantity: sensors.Humidity, file: "humidityrelative", times: 1, over: 1000},
	{quantity: sensors.Pressure, file: "pressure", times: 10, over: 1},
	{quantity: sensors.CO2, file: "concentration_co2", times: 1e4, over: 1},
	{quantity: sensors.VOC, file: "concentration_voc", times: 1e7, over: 1},
	{quantity: sensors.VOCIndex, file: "concentration", times: 1, over: 1, bare: true, only: "sgp40"}, // sgp40_calc_voc
	{quantity: sensors.PM1, file: "massconcentration_pm1", times: 1, over: 1},
	{quantity: sensors.PM25, file: "massconcentration_pm2p5", times: 1, over: 1},
	{quantity: sensors.PM10, file: "massconcentration_pm10", times: 1, over: 1},
	{quantity: sensors.Illuminance, file: "illuminance", times: 1, over: 1, bare: true}, // others are counts of one colour
	{quantity: sensors.Voltage, file: "voltage", times: 1, over: 1000},
	{quantity: sensors.Current, file: "current", times: 1, over: 1000},
	{quantity: sensors.Power, file: "power", times: 1, over: 1000},
	{quantity: sensors.Energy, file: "energy", times: 1, over: 3.6e6},
	{quantity: sensors.Resistance, file: "resistance", times: 1, over: 1},
	{quantity: sensors.Conductivity, file: "electricalconductivity", times: 1e4, over: 1},
	{quantity: sensors.PH, file: "ph", times: 1, over: 1},
	{quantity: sensors.Distance, file: "distance", times: 1, over: 1},
	{quantity: sensors.Count, file: "count", times: 1, over: 1},
}

var iioClass = class{
	noun: "iio device", dir: "/sys/bus/iio/devices", prefix: "iio:device", name: "name",
	hint: "load the chip's driver, such as dtoverlay=dht11 or dtoverlay=i2c-sensor",
}

// An iioProbe is a configured device. It outlives the open one. Only the goroutine of
// its bus uses it.
type iioProbe struct {
	host                  Host
	device, path, channel string
	kinds                 kinds
	optional              bool // those of the kinds that the device has

	rested time.Time // earliest time to read it again
}

func configureIIO(h Host, _ string, v option.Values) (sensors.Probe, error) {
	p := &iioProbe{host: h, device: v.String("device"), path: v.String("path"), channel: v.String("channel")}
	if p.device == "" && p.path == "" {
		return sensors.Probe{}, errors.New(`options.device = "": want the name of a device, as in /sys/bus/iio/devices/iio:device*/name`)
	}
	var err error
	if p.kinds, p.optional, err = iioKinds.choose(v, "channel", p.channel); err != nil {
		return sensors.Probe{}, err
	}
	bus := busName("iio", p.device, p.path)
	probe := sensors.Probe{Bus: bus, Source: strings.TrimSpace(bus + " " + p.channel), Quantities: p.kinds.quantities(), Optional: p.optional, Open: p.open}
	if name, _, _ := strings.Cut(p.device, "@"); name == "dht11" {
		probe.Conversion = iioRest
	}
	return probe, nil
}

// open finds the device and its channels.
func (p *iioProbe) open() (sensors.Sensor, error) {
	d, err := p.host.choose(iioClass, p.device, p.path)
	if err != nil {
		return nil, err
	}
	if err := iioRefused.of(d, "iio"); err != nil {
		return nil, err
	}
	channels, err := openKinds(p.kinds, p.optional, d, func(k kind) (iioChannel, error) { return openChannel(p.host, d, k, p.channel) })
	if err != nil {
		return nil, err
	}
	return &iioSensor{p, channels}, nil
}

// An iioSensor is an open device.
type iioSensor struct {
	probe    *iioProbe
	channels []iioChannel
}

// iioRest is how long a device rests after a failure. Reading a DHT11 or DHT22 often
// fails once, because the kernel missed one of the 84 edges of its answer, and must
// not be repeated within 2 s (Aosong AM2302 data sheet, section 7). The kernel caches
// a good answer for that long.
const iioRest = 2 * time.Second

// Read measures once, and a second time after a failure that may pass.
func (s *iioSensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	for second := false; ; second = true {
		if rest := time.Until(s.probe.rested); rest > 0 {
			if err := pause(ctx, rest); err != nil {
				return nil, err
			}
		}
		values, err := s.read()
		if !errors.Is(err, syscall.EIO) && !errors.Is(err, syscall.ETIMEDOUT) {
			return values, err
		}
		s.probe.rested = time.Now().Add(iioRest)
		if second {
			return nil, s.hint(err)
		}
	}
}

// hint names the driver that can do what the kernel's cannot: set a chip up again
// that has lost its supply for a moment.
func (s *iioSensor) hint(err error) error {
	device := s.channels[0].device
	if !slices.Contains([]string{"bme280", "bmp280"}, device) {
		return err
	}
	return fmt.Errorf("%w; after a supply dip a %s stays in this state, driver = %q instead of its overlay sets it up again", err, device, device)
}

func (s *iioSensor) read() ([]sensors.Measurement, error) {
	return readKinds(s.channels, s.probe.optional, func(c iioChannel) (sensors.Measurement, error) {
		v, err := c.read()
		return sensors.Measurement{Quantity: c.kind.quantity.Name, Value: v}, err
	})
}

// Close does nothing: each reading opens the files anew.
func (s *iioSensor) Close() error { return nil }
