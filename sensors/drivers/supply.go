package drivers

import (
	"path/filepath"
	"strconv"
	"strings"
)

// A Supply is what a Raspberry Pi reports about its power supply, which should be
// above 4.63 V.
type Supply struct {
	Low       bool // it is below that now
	WasLow    bool // it was since the last boot, if that is remembered
	Remembers bool
}

// The bits of the firmware's answer to get_throttled (Raspberry Pi documentation,
// vcgencmd).
const (
	underVoltage    = 1 << 0
	hadUnderVoltage = 1 << 16
)

// Supply returns what this machine reports about its power supply, and whether it
// reports anything.
func (h Host) Supply() (Supply, bool) {
	throttled, err := readSysfs(h.path("/sys/devices/platform/soc/soc:firmware/get_throttled"))
	flags, wrong := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(string(throttled)), "0x"), 16, 32)
	if err == nil && wrong == nil {
		return Supply{flags&underVoltage != 0, flags&hadUnderVoltage != 0, true}, true
	}
	names, _ := filepath.Glob(h.path("/sys/class/hwmon/*/name")) // the pattern is right
	for _, file := range names {
		if name, err := readSysfs(file); err != nil || strings.TrimSpace(string(name)) != "rpi_volt" {
			continue
		}
		alarm, err := readSysfs(filepath.Join(filepath.Dir(file), "in0_lcrit_alarm"))
		return Supply{Low: strings.TrimSpace(string(alarm)) == "1"}, err == nil
	}
	return Supply{}, false
}
