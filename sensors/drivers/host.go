package drivers

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"periph.io/x/conn/v3/i2c"
	"periph.io/x/host/v3/sysfs"
)

// A Host is the machine whose buses are read. The zero Host is this one.
type Host struct {
	// Root stands before /sys, /dev and /proc, for tests.
	Root string
	// OpenI2C opens an I²C bus by its number. Nil: /dev/i2c-N.
	OpenI2C func(bus string) (i2c.BusCloser, error)
}

// path returns where an absolute path is on this host.
func (h Host) path(abs string) string {
	return filepath.Join(h.Root, abs)
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
	// periph words these errors for another user group and hides their kind.
	f, err := os.OpenFile(dev, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such bus, enable it with raspi-config or dtparam=i2c_arm=on", dev)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: permission denied, the user must be in the group i2c", dev)
	case err != nil:
		return nil, err
	}
	f.Close()
	if h.Root != "" {
		return nil, fmt.Errorf("%s: is not an I²C bus, it lies under %s", dev, h.Root)
	}
	b, err := sysfs.NewI2C(n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dev, err)
	}
	return b, nil
}

// readSysfs reads a file that is a page long at most.
func readSysfs(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const page = 4096
	text, err := io.ReadAll(io.LimitReader(f, page+1))
	if err != nil {
		return nil, err
	}
	if len(text) > page {
		return nil, fmt.Errorf("%s: longer than a page of %d bytes", file, page)
	}
	return text, nil
}

// writeSysfs writes to a file that is there.
func writeSysfs(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
