package sensors

import "time"

// A Clock tells what time it is, by the clock on the wall, which may be wrong
// and may jump, and since the boot of the machine (CLOCK_BOOTTIME of
// clock_gettime(2), which does neither); 0 where that is not known.
type Clock func() (wall time.Time, up time.Duration)

// WallClock is a Clock that does not know the time since the boot.
func WallClock() (time.Time, time.Duration) { return time.Now(), 0 }

// Epoch is a time before which nothing was measured: a clock that shows an
// earlier one was never set.
var Epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
