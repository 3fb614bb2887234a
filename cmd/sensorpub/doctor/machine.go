package doctor

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"sensorpub/sensors"
)

const betterSupply = "use the board's own power supply, with a short and thick cable, and fewer USB devices"

// The bits of the firmware's answer to get_throttled (Raspberry Pi
// documentation, vcgencmd).
const (
	underVoltage    = 1 << 0
	hasUnderVoltage = 1 << 16
)

// checkPower reads the under-voltage flag of a Raspberry Pi. A low supply
// spoils readings and cards.
func (d *Doctor) checkPower(context.Context) {
	throttled := readTrimmed(d.host.Root, "/sys/devices/platform/soc/soc:firmware/get_throttled")
	if flags, err := strconv.ParseUint(strings.TrimPrefix(throttled, "0x"), 16, 32); err == nil {
		switch {
		case flags&underVoltage != 0:
			d.say(statusFail, "power", "the supply is below 4.63 V now", betterSupply)
		case flags&hasUnderVoltage != 0:
			d.say(statusWarn, "power", "the supply was below 4.63 V since the last boot", betterSupply)
		default:
			d.say(statusOK, "power", "the supply was never below 4.63 V since the last boot")
		}
		return
	}
	names, _ := filepath.Glob(filepath.Join(d.host.Root, "/sys/class/hwmon/*/name")) // the pattern is right
	for _, file := range names {
		dir := filepath.Dir(file)
		if readTrimmed(dir, "name") != "rpi_volt" {
			continue
		}
		if readTrimmed(dir, "in0_lcrit_alarm") == "1" {
			d.say(statusFail, "power", "the supply is below 4.63 V", betterSupply)
			return
		}
		d.say(statusOK, "power", "the supply is not below 4.63 V")
		return
	}
	d.say(statusSkip, "power", "this machine does not report under-voltage")
}

const setClock = "timedatectl shows the clock; sudo apt install systemd-timesyncd keeps it, a clock chip (dtoverlay=i2c-rtc) without network"

// checkClock reports whether the times of readings can be trusted.
func (d *Doctor) checkClock(context.Context) {
	now := d.now()
	synced, err := d.synced()
	at := now.UTC().Format("2006-01-02 15:04 UTC")
	switch {
	case now.Before(sensors.Epoch):
		d.say(statusFail, "clock", "it is "+at+" here: readings get wrong times, and no certificate is valid", setClock)
	case err != nil:
		d.say(statusSkip, "clock", at+", the kernel does not say whether it is synchronised: "+err.Error())
	case !synced:
		d.say(statusWarn, "clock", at+", not synchronised: the times of readings may be off", setClock)
	default:
		d.say(statusOK, "clock", at+", synchronised")
	}
}

// clockSynced asks the kernel (adjtimex(2)). A clock can be right without being
// synchronised.
func clockSynced() (bool, error) {
	const (
		unsynced  = 0x40 // STA_UNSYNC
		timeError = 5    // TIME_ERROR
	)
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t)
	return state != timeError && t.Status&unsynced == 0, err
}

// readTrimmed returns the content of a kernel file, or "".
func readTrimmed(dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}
