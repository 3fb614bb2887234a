package drivers

import (
	"fmt"
	"strings"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/host/v3/sysfs"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

const spiWiring = "VIN 3.3 V, GND, SCLK GPIO 11 (pin 23), MISO GPIO 9 (pin 21), MOSI GPIO 10 (pin 19), CS GPIO 8 (pin 24, 0.0) or GPIO 7 (pin 26, 0.1); dtparam=spi=on"

// spiOption is the option spi of every SPI driver.
var spiOption = option.Option{Name: "spi", Default: "0.0", Digits: true, Doc: "SPI port: 0.0 is /dev/spidev0.0, bus 0 with chip select 0"}

// isSPIPort reports whether a text is the number of a bus and one of a chip
// select.
func isSPIPort(text string) bool {
	bus, chip, ok := strings.Cut(text, ".")
	digits := func(s string, most int) bool { return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == "" }
	return ok && digits(bus, 3) && digits(chip, 2)
}

// An spiChip says how a chip uses SPI.
type spiChip struct {
	mode  spi.Mode
	pairs bool // writes are pairs of a register, with bit 7 clear, and its value
}

// spiSpeed is slower than any chip here requires, to allow long wires.
const spiSpeed = physic.MegaHertz

// probe checks the option spi. The chips of one controller have one worker.
func (c spiChip) probe(h Host, v option.Values, quantities []sensors.Quantity, start starter) (sensors.Probe, error) {
	port := v.String("spi")
	if !isSPIPort(port) {
		return sensors.Probe{}, fmt.Errorf(`options.spi = %q: want bus and chip select, such as "0.0"`, port)
	}
	open := func() (sensors.Sensor, error) {
		p, err := h.openSPI(port)
		if err != nil {
			return nil, err
		}
		conn, err := p.Connect(spiSpeed, c.mode, 8)
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("SPI %s: %w", port, err)
		}
		return startOn(&spiBus{p, conn, c.pairs}, 0, "SPI "+port, start, v)
	}
	bus, _, _ := strings.Cut(port, ".")
	return sensors.Probe{Bus: "spi-" + bus, Source: "SPI " + port, Identity: "spi-" + strings.ReplaceAll(port, ".", "-"), Quantities: quantities, Open: open}, nil
}

// openSPI opens /dev/spidevB.C through the kernel's interface
// (Documentation/spi/spidev.rst). The handle must be used by one goroutine
// only.
func (h Host) openSPI(port string) (spi.PortCloser, error) {
	if h.OpenSPI != nil {
		return h.OpenSPI(port)
	}
	dev := h.path("/dev/spidev" + port)
	if err := (node{dev, "port", "raspi-config or dtparam=spi=on", "spi", "spidev"}).check(); err != nil {
		return nil, err
	}
	if h.Root != "" {
		return nil, fmt.Errorf("%s: is not an SPI port, it lies under %s", dev, h.Root)
	}
	var bus, cs int
	fmt.Sscanf(port, "%d.%d", &bus, &cs) // it has this form
	p, err := sysfs.NewSPI(bus, cs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dev, err)
	}
	return p, nil
}

// An spiBus makes a chip with registers on SPI look like one on I²C: the first byte
// written is the register, what is read follows it. Nothing is acknowledged: without
// a chip, zeros or ones are read.
type spiBus struct {
	port  spi.PortCloser
	conn  spi.Conn
	pairs bool
}

var _ i2c.BusCloser = (*spiBus)(nil)

// Tx implements [i2c.Bus].
func (b *spiBus) Tx(_ uint16, w, r []byte) error {
	out := make([]byte, len(w)+len(r))
	in := make([]byte, len(out))
	copy(out, w)
	if b.pairs && len(r) == 0 {
		for i := 0; i < len(w); i += 2 {
			out[i] &^= 0x80
		}
	}
	if err := b.conn.Tx(out, in); err != nil {
		return err
	}
	copy(r, in[len(w):])
	return nil
}

// SetSpeed implements [i2c.Bus] and does nothing.
func (b *spiBus) SetSpeed(physic.Frequency) error { return nil }

func (b *spiBus) String() string { return b.port.String() }

// Close closes the port.
func (b *spiBus) Close() error { return b.port.Close() }
