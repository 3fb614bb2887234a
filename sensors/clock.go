package sensors

import "time"

// A Clock returns the wall-clock time, which may be wrong and may jump, and the
// time since boot (CLOCK_BOOTTIME, clock_gettime(2)), which does neither; 0 if
// unknown.
type Clock func() (wall time.Time, up time.Duration)

// WallClock is a Clock without the time since boot.
func WallClock() (time.Time, time.Duration) { return time.Now(), 0 }

// TimeLayout is how the time of a measurement is written, in UTC, for time.Format.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// Epoch is earlier than any measurement: a clock that shows an earlier time was
// never set.
var Epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
