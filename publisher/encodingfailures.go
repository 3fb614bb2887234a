package publisher

import (
	"context"
	"log/slog"
	"time"

	"sensorpub/sensors"
)

// encodingFailures tracks the readings of one series that cannot be encoded.
type encodingFailures struct {
	since  time.Time // zero: the last reading could be
	times  int       // readings since then
	streak sensors.Streak
}

// note logs when the readings of a series cannot be encoded, and when they can
// again.
func (f *encodingFailures) note(log *slog.Logger, r sensors.Reading, err error) {
	if err == nil && f.since.IsZero() {
		return
	}
	log = log.With("sensor", r.Sensor, "quantity", r.Quantity)
	if err != nil {
		f.bad(log, err)
	} else {
		f.good(log)
	}
}

// bad notes a reading that cannot be encoded. Only the first of consecutive
// failures is logged.
func (f *encodingFailures) bad(log *slog.Logger, cause error) {
	now, level := time.Now(), slog.LevelDebug
	f.times++
	if f.since.IsZero() {
		f.since = now
		f.streak.Begin(now)
		level = f.streak.Level(slog.LevelWarn)
	} else if f.streak.Lasts(now) {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "reading cannot be encoded", f.streak.Args("cause", cause)...)
}

// good notes the first reading that can be encoded again.
func (f *encodingFailures) good(log *slog.Logger) {
	now := time.Now()
	f.streak.End(now)
	log.Log(context.Background(), f.streak.Level(slog.LevelInfo), "readings can be encoded again",
		"failures", f.times, "after", now.Sub(f.since).Round(time.Second))
	f.since, f.times = time.Time{}, 0
}
