package doctor

import (
	"syscall"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

const betterSupply = "use the board's own power supply, with a short and thick cable, and fewer USB devices"

// checkPower reads the under-voltage flag of a Raspberry Pi. A low supply
// voltage corrupts readings and cards.
func checkPower(r *report, host drivers.Host) {
	switch supply, known := host.Supply(); {
	case !known:
		r.say(statusSkip, "power", "this machine does not report under-voltage")
	case supply.Low && supply.Remembers:
		r.say(statusFail, "power", "the supply is below 4.63 V now", betterSupply)
	case supply.Low:
		r.say(statusFail, "power", "the supply is below 4.63 V", betterSupply)
	case supply.WasLow:
		r.say(statusWarn, "power", "the supply has been below 4.63 V since the last boot", betterSupply)
	case supply.Remembers:
		r.say(statusOK, "power", "the supply has never been below 4.63 V since the last boot")
	default:
		r.say(statusOK, "power", "the supply is not below 4.63 V")
	}
}

const setClock = "timedatectl shows the clock; sudo apt install systemd-timesyncd keeps it right, or without a network, a clock chip (dtoverlay=i2c-rtc)"

// checkClock reports whether the times of readings can be trusted. isSynced
// reports whether the clock is synchronised.
func checkClock(r *report, now time.Time, isSynced func() (bool, error)) {
	synced, err := isSynced()
	at := now.UTC().Format("2006-01-02 15:04 UTC")
	switch {
	case now.Before(sensors.Epoch):
		r.say(statusFail, "clock", "it is "+at+" here: readings get wrong times, and no certificate is valid", setClock)
	case err != nil:
		r.say(statusSkip, "clock", at+", the kernel does not say whether it is synchronised: "+err.Error())
	case !synced:
		r.say(statusWarn, "clock", at+", not synchronised: the times of readings may be off", setClock)
	default:
		r.say(statusOK, "clock", at+", synchronised")
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
