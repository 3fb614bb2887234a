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
		return "not even root may read it: it lies on another machine, or a security module forbids it"
	case errors.Is(err, fs.ErrPermission):
		return "a file that only another user can read: sudo sensorpub doctor"
	}
	return ""
}

// nodeHint says what to do about a device that cannot be opened.
func nodeHint(n node, err error, superuser bool) string {
	switch {
	case errors.Is(err, syscall.EPERM):
		return "not the file forbids it, but a container or a unit: give it the device (docker --device, DeviceAllow=); the service of sensorpub needs a restart where the device appeared after its start"
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
		return "this machine has no network that leads there: ip route shows those it has"
	case errors.Is(err, fs.ErrPermission):
		return "this machine forbids it: a firewall, or IPAddressDeny= of the unit"
	}
	return "is the broker's machine on and in this network? Does a firewall drop the packets?"
}

// spoolHint says what to do about a directory that cannot be written.
func spoolHint(err error, superuser bool) string {
	switch {
	case errors.Is(err, fs.ErrPermission) && !superuser:
		return "examine as the user of the daemon, or with sudo"
	case errors.Is(err, fs.ErrPermission):
		return "not even root may write there: it lies on another machine, or a security module forbids it"
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only, as it also becomes after an error of the card: dmesg says why"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the file system is full: df -h and df -i show it"
	case errors.Is(err, syscall.EIO):
		return "the card or disk is failing: dmesg says more"
	case errors.Is(err, errNoDirectory), errors.Is(err, syscall.ENOTDIR):
		return "remove the file, or name a directory"
	}
	return "make it a directory that the daemon's user can write"
}
