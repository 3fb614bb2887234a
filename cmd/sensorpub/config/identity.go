package config

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"

	"sensorpub/sensors/drivers/option"
)

// clientID returns a client id that stays the same across restarts and differs
// between machines, even if they run copies of one SD card: copies have the
// same machine id, but boards differ in serial number or MAC address. root is
// prepended to /etc, /proc and /sys, for tests.
//
// The 22 characters fit in the 23 that every broker must take (MQTT 3.1.1,
// section 3.1.3.1).
func clientID(root, node string) string { return "sensorpub-" + machineHash(root, node) }

// MachineID returns an id of 12 hexadecimal digits that stays the same across
// restarts and differs between machines, like the client id, or "" if nothing is
// known about this machine. It is a hash, as machine-id(5) requires for an id that
// leaves the machine.
func MachineID(root string) string {
	if readTrimmed(root, machineIDFile) == "" && board(root) == "" {
		return ""
	}
	return machineHash(root, "")
}

func machineHash(root, node string) string {
	sum := sha256.Sum256([]byte(readTrimmed(root, machineIDFile) + "\n" + board(root) + "\n" + node))
	return hex.EncodeToString(sum[:6])
}

// machineIDFile is copied with the card (machine-id(5)).
const machineIDFile = "/etc/machine-id"

// board returns what a copy of the card does not copy: the serial number of the
// board or, where it has none, a MAC address; "" if it has neither.
func board(root string) string { return cmp.Or(serialNumber(root), macAddress(root)) }

// serialNumber returns the serial number of the board, or "".
func serialNumber(root string) string {
	// Where /proc/device-tree points to.
	serial := readTrimmed(root, "/sys/firmware/devicetree/base/serial-number")
	if strings.Trim(serial, "0") == "" {
		return ""
	}
	return serial
}

// macAddress returns the address of the first network interface, by name, that
// belongs to a device, or "".
func macAddress(root string) string {
	links, err := filepath.Glob(filepath.Join(root, "/sys/class/net/*/device"))
	if err != nil {
		return ""
	}
	for _, l := range links {
		mac := readTrimmed(filepath.Dir(l), "address")
		if strings.Trim(mac, "0:") != "" {
			return mac
		}
	}
	return ""
}

func readTrimmed(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return string(bytes.Trim(b, "\x00\n "))
}

// defaultNode makes a node name from a host name: the part before the first
// dot, with a dash for each character that a topic level cannot contain.
func defaultNode(host string) string {
	host, _, _ = strings.Cut(host, ".")
	node := strings.Map(func(r rune) rune {
		if badInLevel(r) {
			return '-'
		}
		return r
	}, strings.ToValidUTF8(host, "-"))
	if node == "" || host == unsetHost {
		return "localhost"
	}
	return node
}

// unsetHost is the kernel's host name for a machine that has not been given one.
const unsetHost = "(none)"

// badInLevel reports whether a character must not appear in a name that becomes
// one level of a topic.
func badInLevel(r rune) bool {
	return strings.ContainsRune("/+#", r) || option.BadInText(r)
}
