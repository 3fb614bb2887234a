package drivers

import (
	"errors"
	"fmt"
	"syscall"
)

// A node is the device node of a bus.
type node struct {
	file   string
	noun   string // "bus"
	enable string // how to turn the bus on
	group  string // of its users
	module string // that makes the node
}

// check returns why the node cannot be opened for reading and writing, or nil.
// periph words these errors for another group and hides their kind.
func (n node) check() error {
	fd, err := openFile(n.file, syscall.O_RDWR)
	if err != nil {
		return n.explain(err)
	}
	return syscall.Close(fd)
}

// explain says what to do about the error of opening the node.
func (n node) explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("%s: no such %s, enable it with %s", n.file, n.noun, n.enable)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: permission denied, the user must be in the group %s", n.file, n.group)
	case errors.Is(err, syscall.EPERM):
		// systemd resolves DeviceAllow=char-i2c when it starts the service.
		return fmt.Errorf("%s: operation not permitted, %s was loaded after the service was started: restart the service", n.file, n.module)
	}
	return err
}
