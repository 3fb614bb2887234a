package daemon

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// bootClock is the machine's clocks (clock_gettime(2)).
func bootClock() (time.Time, time.Duration) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return time.Now(), 0
	}
	return time.Now(), time.Duration(t.Nano())
}

// monotonic is the clock by which systemd reports whether a reload has begun
// after it asked for one (sd_notify(3)).
func monotonic() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// bootID is a number that the kernel makes up at each boot (random(4)), or ""
// where it is not known.
func bootID() string {
	id, err := os.ReadFile(bootIDFile)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
