package daemon

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// bootClock returns wall-clock time and time since boot (clock_gettime(2)).
func bootClock() (time.Time, time.Duration) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Now(), 0
	}
	return time.Now(), time.Duration(t.Nano())
}

// monotonic returns the clock by which systemd recognises that a reload began
// after its request (sd_notify(3)).
func monotonic() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// bootID returns the random number that the kernel makes at each boot
// (random(4)), or "" if it cannot be read.
func bootID() string {
	id, err := os.ReadFile(bootIDFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
