package drivers

import (
	"fmt"
	"strings"
	"syscall"

	"periph.io/x/conn/v3/onewire"
	"periph.io/x/host/v3/netlink"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// w1netlink drives a kernel 1-Wire bus itself, through netlink
// (Documentation/w1/w1-netlink.rst). It is for kernels without w1_therm: netlink has
// no bulk conversion, resolutions or strong pull-up, so the probe needs its VDD.
// Waiting for the kernel's answer never times out, so each bus has its own worker.
var w1netlink = Driver{
	Name:       "w1netlink",
	Summary:    "the same thermometers as ds18b20, through netlink, for kernels without w1_therm",
	Quantities: []sensors.Quantity{sensors.Temperature.Within(-55, 125)},
	Accuracy:   ds18b20.Accuracy,
	Wiring:     ds18b20.Wiring,
	Options: []option.Option{
		w1Option,
		{Name: "master", Default: int64(1), Min: 1, Max: 255, Doc: "number of the 1-Wire bus: 1 is w1_bus_master1"},
	},
	configure: configureW1Netlink,
}

func configureW1Netlink(h Host, _ string, v option.Values) (sensors.Probe, error) {
	id, err := w1IDOf(v)
	if err != nil {
		return sensors.Probe{}, err
	}
	p := &lineProbe{id: id}
	open := func() (sensors.Sensor, error) {
		l, err := h.openW1(uint32(v.Int("master")))
		if err != nil {
			return nil, err
		}
		read, err := p.start(netlinkLine{l})
		if err != nil {
			l.Close()
			return nil, err
		}
		return &openChip{l, read}, nil
	}
	bus := fmt.Sprintf("w1 netlink %d", v.Int("master"))
	source := "1-Wire " + w1Source(id)
	if id == "" { // one on another bus is another
		source = ""
	}
	return sensors.Probe{Bus: bus, Source: source, Identity: id, Conversion: w1Conversion(12), Quantities: []sensors.Quantity{w1Range(id)}, Open: open}, nil
}

// A netlinkLine needs no preparation.
type netlinkLine struct{ onewire.BusCloser }

func (netlinkLine) prepare() error { return nil }

// openW1 opens a kernel 1-Wire bus. Any user may.
func (h Host) openW1(master uint32) (onewire.BusCloser, error) {
	if h.OpenW1 != nil {
		return h.OpenW1(master)
	}
	if h.Root != "" {
		return nil, fmt.Errorf("1-Wire bus %d: there is no netlink under %s", master, h.Root)
	}
	l, err := netlink.New(master)
	if err != nil && strings.Contains(err.Error(), syscall.EAFNOSUPPORT.Error()) { // periph does not wrap it
		err = fmt.Errorf("%w, the service needs RestrictAddressFamilies=AF_NETLINK (systemctl edit sensorpub)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("1-Wire bus %d: %w", master, err)
	}
	return l, nil
}
