package drivers

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/conn/v3/onewire"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/host/v3/sysfs"
)

// A Host is the machine whose buses are read. The zero Host is this one.
type Host struct {
	// OneWire is what the probes of the kernel's 1-Wire buses share. Nil: each
	// is by itself and converts alone.
	OneWire *OneWire

	// What follows is for tests. Root stands before /sys, /dev and /proc.
	Root string
	// OpenI2C opens an I²C bus by its number. Nil: /dev/i2c-N.
	OpenI2C func(bus string) (i2c.BusCloser, error)
	// OpenSPI opens an SPI port by its bus and chip select, such as "0.0".
	// Nil: /dev/spidev0.0.
	OpenSPI func(port string) (spi.PortCloser, error)
	// OpenW1 opens a 1-Wire bus of the kernel's by its number. Nil: through
	// netlink.
	OpenW1 func(master uint32) (onewire.BusCloser, error)

	// These stand for the files of the kernel that take their time. Nil: the
	// files.
	read  func(file string) ([]byte, error)
	write func(file, text string) error
}

// path returns where an absolute path is on this host.
func (h Host) path(abs string) string {
	return filepath.Join(h.Root, abs)
}

// kernelPath returns where a path that the user wrote is on this host. Only
// what the kernel has is looked for below Root.
func (h Host) kernelPath(abs string) string {
	for _, dir := range []string{"/sys/", "/dev/", "/proc/"} {
		if strings.HasPrefix(abs, dir) {
			return h.path(abs)
		}
	}
	return abs
}

// openI2C opens /dev/i2c-N through the kernel's I2C_RDWR interface
// (Documentation/i2c/dev-interface.rst). Only the bus that is asked for is
// touched. The handle must be used by one goroutine only.
func (h Host) openI2C(bus string) (i2c.BusCloser, error) {
	if h.OpenI2C != nil {
		return h.OpenI2C(bus)
	}
	n, err := strconv.Atoi(bus)
	if err != nil {
		return nil, fmt.Errorf("bus %q is not a number", bus)
	}
	dev := h.path("/dev/i2c-" + bus)
	if err := (node{dev, "bus", "raspi-config or dtparam=i2c_arm=on", "i2c", "i2c-dev"}).check(); err != nil {
		return nil, err
	}
	if h.Root != "" {
		return nil, fmt.Errorf("%s: is not an I²C bus, it lies under %s", dev, h.Root)
	}
	b, err := sysfs.NewI2C(n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dev, err)
	}
	return b, nil
}

// readFile reads a file at which a chip measures, and which may thus take long.
func (h Host) readFile(file string) ([]byte, error) {
	if h.read != nil {
		return h.read(file)
	}
	return readSysfs(file)
}

// writeFile writes to a file that may take as long as what it asks for.
func (h Host) writeFile(file, text string) error {
	if h.write != nil {
		return h.write(file, text)
	}
	return writeSysfs(file, text)
}
