package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"sensorpub/publisher/mqtt"
)

// secretHint says what to do about a file for the connection that cannot be
// read.
func secretHint(err error, superuser bool) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "create the file, or correct its path in the configuration"
	case errors.Is(err, fs.ErrPermission) && superuser:
		return "not even root may read it: it is on another machine, or a security module forbids it"
	case errors.Is(err, fs.ErrPermission):
		return "a file that only another user can read: sudo sensorpub doctor"
	}
	return ""
}

// nodeHint says what to do about a device that cannot be opened.
func nodeHint(n node, err error, superuser bool) string {
	switch {
	case errors.Is(err, syscall.EPERM):
		return "a container or a systemd unit forbids it, not the file mode: give it the device (docker --device, DeviceAllow=); the sensorpub service needs a restart if the device appeared after it started"
	case errors.Is(err, fs.ErrPermission) && superuser:
		return "not even root may open it: a security module or a container forbids it"
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("sudo usermod -aG %s %s, then log in again; the service has its own groups (systemd/sensorpub.service)", n.group, userName())
	case errors.Is(err, syscall.EBUSY):
		return "another program has it open: lsof " + n.path
	}
	return n.enable
}

// tcpHint says what to do about a connection that was not made.
func tcpHint(err error) string {
	switch hint := mqtt.Hint(err); {
	case hint != "":
		return hint
	case errors.Is(err, syscall.ENETUNREACH):
		return "this machine has no route to the broker: see ip route"
	case errors.Is(err, fs.ErrPermission):
		return "this machine forbids it: a firewall, or IPAddressDeny= of the unit"
	}
	return "is the broker's machine on and in this network? Does a firewall drop the packets?"
}

// spoolHint says what to do about a directory that cannot be written.
func spoolHint(err error, superuser bool) string {
	switch {
	case errors.Is(err, fs.ErrPermission) && !superuser:
		return "run sensorpub doctor as the daemon's user, or with sudo"
	case errors.Is(err, fs.ErrPermission):
		return "not even root may write there: it is on another machine, or a security module forbids it"
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only, which also happens after a card error: dmesg says why"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the file system is full: df -h and df -i show it"
	case errors.Is(err, syscall.EIO):
		return "the card or disk is failing: dmesg says more"
	case errors.Is(err, errNoDirectory), errors.Is(err, syscall.ENOTDIR):
		return "remove the file, or name a directory"
	}
	return "make it a directory that the daemon's user can write"
}
