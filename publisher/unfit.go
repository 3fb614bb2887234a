package publisher

import (
	"context"
	"log/slog"
	"time"

	"sensorpub/sensors"
)

// An unfit is what is known of the readings of a stream that cannot be encoded.
// It is used by the publisher only.
type unfit struct {
	since  time.Time // zero while they can be
	times  int       // readings since then
	streak sensors.Streak
}

// noteEncoding logs whether a delivery could be encoded.
func (c *connection) noteEncoding(d Delivery, err error) {
	if d.entry == nil {
		return // a notice
	}
	u := &d.entry.stream.unfit
	if err == nil && u.since.IsZero() {
		return
	}
	log := c.Log.With("sensor", d.Reading.Sensor, "quantity", d.Reading.Quantity)
	if err != nil {
		u.bad(log, err)
	} else {
		u.good(log)
	}
}

// bad notes a reading that cannot be encoded. Only the first of a row is worth
// a line.
func (u *unfit) bad(log *slog.Logger, cause error) {
	now, level := time.Now(), slog.LevelDebug
	u.times++
	if u.since.IsZero() {
		u.since = now
		u.streak.Begin(now)
		level = u.streak.Level(slog.LevelWarn)
	} else if u.streak.Lasts(now) {
		level = slog.LevelWarn
	}
	log.Log(context.Background(), level, "reading cannot be encoded", u.streak.Args("cause", cause)...)
}

// good notes the first reading that can be.
func (u *unfit) good(log *slog.Logger) {
	now := time.Now()
	u.streak.End(now)
	log.Log(context.Background(), u.streak.Level(slog.LevelInfo), "readings can be encoded again",
		"failures", u.times, "after", now.Sub(u.since).Round(time.Second))
	u.since, u.times = time.Time{}, 0
}
