package drivers

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// How to enable the buses of a Raspberry Pi.
const (
	EnableI2C    = "turn I²C on: sudo raspi-config nonint do_i2c 0 (dtparam=i2c_arm=on in config.txt), then reboot"
	EnableI2CDev = "load the module: sudo modprobe i2c-dev, and echo i2c-dev | sudo tee /etc/modules-load.d/i2c-dev.conf"
	EnableW1     = "turn 1-Wire on: sudo raspi-config nonint do_onewire 0 (dtoverlay=w1-gpio in config.txt), then reboot"
	EnableSPI    = "turn SPI on: sudo raspi-config nonint do_spi 0 (dtparam=spi=on in config.txt), then reboot"
	EnableHwmon  = "load the driver of a chip, such as dtoverlay=i2c-sensor,lm75 in config.txt"
	EnableIIO    = "load the driver of a chip: dtoverlay=dht11,gpiopin=4 for a DHT11 or DHT22, dtoverlay=i2c-sensor,bme280"
)

// A Scanner looks for probes on a machine, bus by bus.
type Scanner struct {
	Host Host
	// Passive skips whatever could come between a command and its answer, because
	// a daemon reads the same chips.
	Passive bool
	// Mux looks behind multiplexers too. It switches their channels, so no daemon
	// may be running.
	Mux bool
}

// A Survey is what was found on one bus or in one kernel class.
type Survey struct {
	Title  string // "I²C bus 1"
	Looked string // where: "/dev/i2c-*"
	Finds  []Find
	Err    error  // why the survey is incomplete
	Hint   string // what to do if nothing was found, or about Err; may be ""
}

// A Find is a probe on a bus, or what may be one.
type Find struct {
	Place   string         // on its bus: "0x76", "28-0316a2794fff"
	Name    string         // "BME280"
	Note    string         // what else to know about it
	Driver  string         // that reads it; may be ""
	Options map[string]any // for the driver, as decoded from TOML
	Ready   bool           // Read does not change its settings
	Load    []string       // how to have the kernel read it, line by line
}

// Kinds returns a function for each kind of bus that Scanner can look at.
func (s Scanner) Kinds() []func() []Survey {
	return []func() []Survey{s.i2c, s.w1, s.spi, s.hwmon, s.iio, s.thermal}
}

// Read measures once.
func (f Find) Read(ctx context.Context, h Host) ([]sensors.Reading, error) {
	d, err := Lookup(f.Driver)
	if err != nil {
		return nil, err
	}
	p, errs := d.Configure(h, f.Place, f.Options)
	if len(errs) > 0 {
		return nil, errs[0]
	}
	var s sensors.Sensor
	values, err := p.Measure(ctx, &s)
	if s != nil {
		defer s.Close()
	}
	if err != nil {
		return nil, err
	}
	return p.Readings(values, time.Time{})
}

// found completes a find with its driver, if this version has it, and with the options
// that the driver knows.
func found(f Find, driver string, options map[string]any) Find {
	d, err := Lookup(driver)
	if err != nil {
		return f
	}
	f.Driver, f.Options = driver, make(map[string]any)
	for _, o := range d.Options {
		if v, ok := options[o.Name]; ok {
			f.Options[o.Name] = v
		}
	}
	return f
}

// names lists a directory, sorted. A missing one is empty.
func (h Host) names(dir string) ([]string, error) {
	entries, err := os.ReadDir(h.path(dir))
	if os.IsNotExist(err) {
		return nil, nil
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all, err
}

// numbered lists the numbers after prefix in the names of a directory, in their order.
func (h Host) numbered(dir, prefix string) ([]string, error) {
	names, err := h.names(dir)
	var all []string
	for _, name := range names {
		rest, isOne := strings.CutPrefix(name, prefix)
		if isOne && rest != "" && strings.Trim(rest, "0123456789.") == "" {
			all = append(all, rest)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return all, err
}

// spi lists the ports. What is connected to them is unknown: a chip on SPI acknowledges
// nothing.
func (s Scanner) spi() []Survey {
	v := Survey{Title: "SPI", Looked: "/dev/spidev*"}
	var ports []string
	ports, v.Err = s.Host.numbered("/dev", "spidev")
	for _, p := range ports {
		v.Finds = append(v.Finds, Find{
			Place: p, Name: "/dev/spidev" + p,
			Note: fmt.Sprintf("SPI does not show what is connected; set spi = %q for %s", p, option.OneOf(ableOnSPI())),
		})
	}
	if len(ports) == 0 {
		v.Hint = EnableSPI
	}
	return []Survey{v}
}

// ableOnSPI lists the drivers for SPI.
func ableOnSPI() (names []string) {
	for _, d := range Table() {
		if d.Has("spi") {
			names = append(names, d.Name)
		}
	}
	return names
}
