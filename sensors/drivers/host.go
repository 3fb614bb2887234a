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

// A Host is the machine whose buses are read. The zero Host is this machine.
type Host struct {
	// OneWire is shared by the probes of the kernel's 1-Wire buses. Nil: each
	// converts on its own.
	OneWire *OneWire

	// The other fields are for tests. Root is prepended to /sys, /dev and /proc.
	Root string
	// OpenI2C opens an I²C bus by its number. Nil: /dev/i2c-N.
	OpenI2C func(bus string) (i2c.BusCloser, error)
	// OpenSPI opens an SPI port by its bus and chip select, such as "0.0".
	// Nil: /dev/spidev0.0.
	OpenSPI func(port string) (spi.PortCloser, error)
	// OpenW1 opens a kernel 1-Wire bus by its number. Nil: through netlink.
	OpenW1 func(master uint32) (onewire.BusCloser, error)

	// These replace kernel files that take long to read or write. Nil: the files.
	read  func(file string) ([]byte, error)
	write func(file, text string) error
}

// path returns where an absolute path is on this host.
func (h Host) path(abs string) string {
	return filepath.Join(h.Root, abs)
}

// kernelPath returns where a path from the configuration is on this host. Only kernel
// files are below Root.
func (h Host) kernelPath(abs string) string {
	for _, dir := range []string{"/sys/", "/dev/", "/proc/"} {
		if strings.HasPrefix(abs, dir) {
			return h.path(abs)
		}
	}
	return abs
}

// openI2C opens /dev/i2c-N through the kernel's I2C_RDWR interface
// (Documentation/i2c/dev-interface.rst). Only this bus is
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

// readFile reads a file that makes a chip measure, which may take long.
func (h Host) readFile(file string) ([]byte, error) {
	if h.read != nil {
		return h.read(file)
	}
	return readSysfs(file)
}

// writeFile writes to a file whose action may take long.
func (h Host) writeFile(file, text string) error {
	if h.write != nil {
		return h.write(file, text)
	}
	return writeSysfs(file, text)
}
