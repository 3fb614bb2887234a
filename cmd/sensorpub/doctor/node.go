package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// A node is a device file that sensors need.
type node struct {
	path   string // "/dev/i2c-1"
	group  string // whose members may open it
	enable string // what makes it appear
}

// checkBuses checks the bus of each configured sensor, once per bus, and
// returns those that cannot be read, as in Probe.Bus.
func checkBuses(r *report, host drivers.Host, c *config.Config) (broken map[string]bool) {
	broken = make(map[string]bool)
	seen := make(map[string]bool)
	for i, p := range c.Probes {
		if p.IfPresent {
			continue // it needs no bus where it is not
		}
		n, ok := nodeOf(p, c.Sensors[i].Options)
		switch {
		case p.Bus == "w1" && !seen[p.Bus]:
			seen[p.Bus] = true
			broken[p.Bus] = !checkW1(r, host)
		case ok && !seen[n.path]:
			seen[n.path] = true
			broken[p.Bus] = !checkNode(r, host.Root, n) || broken[p.Bus]
		}
	}
	return broken
}

// nodeOf returns the device file of a probe that has one.
func nodeOf(p sensors.Probe, options map[string]any) (node, bool) {
	kind, bus, _ := strings.Cut(p.Bus, "-")
	switch kind {
	case "i2c":
		return node{"/dev/" + p.Bus, "i2c", drivers.EnableI2C}, true
	case "spi":
		port, ok := options["spi"].(string)
		if !ok {
			port = bus + ".0"
		}
		return node{"/dev/spidev" + port, "spi", drivers.EnableSPI}, true
	}
	return node{}, false
}

// checkNode reports whether a device file exists and can be opened. root is
// prepended to its path, for tests.
func checkNode(r *report, root string, n node) bool {
	file := filepath.Join(root, n.path)
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := n.enable
		if _, err := os.Stat(filepath.Join(root, "/sys/bus/i2c/devices", filepath.Base(n.path))); err == nil {
			hint = drivers.EnableI2CDev
		}
		r.say(statusFail, n.path, "missing", hint)
		return false
	case errors.Is(err, fs.ErrPermission):
		r.say(statusFail, n.path, fmt.Sprintf("%v for %s", cause(err), userName()), nodeHint(n, err, r.superuser))
		return false
	case err != nil:
		r.say(statusFail, n.path, cause(err).Error(), nodeHint(n, err, r.superuser))
		return false
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		if text := n.closedTo(info); text != "" {
			r.say(statusWarn, n.path, text, fmt.Sprintf(`a udev rule: KERNEL=="%s", GROUP="%s", MODE="0660"`, filepath.Base(n.path), n.group))
			return true
		}
	}
	r.say(statusOK, n.path, "can be opened")
	return true
}

// closedTo returns why the service could not open a device that this user can
// open, or "". The service is in the group of the bus only.
func (n node) closedTo(info fs.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode()&fs.ModeCharDevice == 0 || info.Mode()&0o006 == 0o006 {
		return ""
	}
	name := strconv.FormatUint(uint64(st.Gid), 10)
	if g, err := user.LookupGroupId(name); err == nil {
		name = g.Name
	}
	if name == n.group && info.Mode()&0o060 == 0o060 {
		return ""
	}
	return fmt.Sprintf("belongs to group %s with mode %#o: the service is in group %s only", name, info.Mode().Perm(), n.group)
}

func userName() string {
	u, err := user.Current()
	if err != nil {
		return "user " + strconv.Itoa(os.Getuid())
	}
	return u.Username
}

// checkW1 reports whether the kernel's 1-Wire buses can be read.
func checkW1(r *report, host drivers.Host) bool {
	dir := filepath.Join(host.Root, "/sys/bus/w1/devices")
	masters, _ := filepath.Glob(filepath.Join(dir, "w1_bus_master*")) // the pattern is right
	probes, err := drivers.W1Probes(host)
	drive := func(p drivers.W1Probe) bool {
		_, slave := os.Stat(filepath.Join(dir, p.ID, "w1_slave"))
		_, plain := os.Stat(filepath.Join(dir, p.ID, "temperature"))
		return slave == nil || plain == nil
	}
	switch {
	case err != nil:
		r.say(statusFail, "1-Wire", err.Error())
	case len(masters) == 0 && len(probes) == 0:
		r.say(statusFail, "1-Wire", "no bus in /sys/bus/w1/devices", drivers.EnableW1)
	case len(probes) == 0:
		r.say(statusFail, "1-Wire", "no probe answers on the kernel's bus",
			"check the wiring of DQ, GND and VDD, and the pull-up of 4.7 kΩ from DQ to 3.3 V")
	case !drive(probes[0]):
		r.say(statusFail, "1-Wire", "the kernel sees "+probes[0].ID+" and has no driver for it",
			"sudo modprobe w1-therm; or, if this kernel has none, driver = \"w1netlink\"")
	default:
		r.say(statusOK, "1-Wire", count(len(probes), "probe")+" on the kernel's buses")
		return true
	}
	return false
}
