package drivers

import (
	"fmt"
	"strings"
)

// loading says how to have the kernel read a chip at an address of a bus: lines for
// people, the last of which makes it permanent.
func (h Host) loading(name, bus string, address uint16) []string {
	c, known := kernelChipNamed(plainName(name))
	if !known || c.device == "" || bus == "" {
		return nil
	}
	if overlay := c.at(address); overlay != "" && bus == i2cByDefault {
		return []string{"dtoverlay=" + overlay + " in config.txt, then reboot, and " + c.driver + " reads it"}
	}
	module, itself, sure := h.moduleFor(c.device)
	switch {
	case sure && module == "":
		return []string{"this kernel has no driver for it"}
	case sure && itself:
		c.module = ""
	case sure:
		c.module = module
	}
	lines := c.instantiate(bus, address)
	lines[len(lines)-1] += ", and " + c.driver + " reads it"
	if c.module != "" {
		lines = append(lines, fmt.Sprintf("to keep it: echo %s | sudo tee /etc/modules-load.d/%s.conf", c.module, c.device))
	}
	const rule = `ACTION=="add", SUBSYSTEM=="i2c", KERNEL=="i2c-%s", ATTR{new_device}="%s %#02x"`
	return append(lines, fmt.Sprintf("to keep it: echo '"+rule+"' | sudo tee /etc/udev/rules.d/90-%s.rules", bus, c.device, address, c.device))
}

// at returns the overlay for the chip at an address, or "" if it cannot have it.
func (c kernelChip) at(address uint16) string {
	switch {
	case address == c.address:
		return c.overlay
	case strings.HasPrefix(c.overlay, "i2c-sensor,"):
		return fmt.Sprintf("%s,addr=%#02x", c.overlay, address)
	case strings.HasPrefix(c.overlay, "ads1"):
		return strings.Replace(c.overlay, ",", fmt.Sprintf(",addr=%#02x,", address), 1)
	}
	return ""
}

// maxAliases is more than the modules.alias of a kernel with every driver.
const maxAliases = 8 << 20

// moduleFor returns the kernel module of an I²C device, "" if this kernel has none, and
// whether it is loaded by itself. It is not sure where the kernel's modules are not
// listed. The kernel finds a driver by the name of the device, or by the second part
// of a name in its device tree table (i2c_of_match_device_sysfs); only the first makes
// it load a module.
func (h Host) moduleFor(device string) (module string, itself, sure bool) {
	release, err := readSysfs(h.path("/proc/sys/kernel/osrelease"))
	if err != nil {
		return "", false, false
	}
	dir := h.path("/lib/modules/" + strings.TrimSpace(string(release)))
	aliases, err := readKernel(dir+"/modules.alias", maxAliases)
	if err != nil {
		return "", false, false
	}
	builtin, _ := readKernel(dir+"/modules.builtin.modinfo", maxAliases) // few have one
	if strings.Contains(string(builtin), ".alias=i2c:"+device+"\x00") {
		return device, true, true
	}
	for line := range strings.Lines(string(aliases)) {
		pattern, name, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "alias "), " ")
		tree := strings.HasPrefix(pattern, "of:") && strings.HasSuffix(pattern, ","+device)
		switch {
		case pattern == "i2c:"+device:
			return name, true, true
		case tree && module == "":
			module = name
		}
	}
	return module, false, true
}
