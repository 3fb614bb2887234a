package doctor

import (
	"context"
	"syscall"

	"sensorpub/sensors"
)

const betterSupply = "use the board's own power supply, with a short and thick cable, and fewer USB devices"

// checkPower reads the under-voltage flag of a Raspberry Pi. A low supply
// spoils readings and cards.
func (d *Doctor) checkPower(context.Context) {
	switch supply, known := d.host.Supply(); {
	case !known:
		d.say(statusSkip, "power", "this machine does not report under-voltage")
	case supply.Low && supply.Remembers:
		d.say(statusFail, "power", "the supply is below 4.63 V now", betterSupply)
	case supply.Low:
		d.say(statusFail, "power", "the supply is below 4.63 V", betterSupply)
	case supply.WasLow:
		d.say(statusWarn, "power", "the supply was below 4.63 V since the last boot", betterSupply)
	case supply.Remembers:
		d.say(statusOK, "power", "the supply was never below 4.63 V since the last boot")
	default:
		d.say(statusOK, "power", "the supply is not below 4.63 V")
	}
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
