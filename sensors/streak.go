package sensors

import (
	"log/slog"
	"time"
)

// Bounds of a streak.
const (
	calm    = time.Hour       // what was well for so long has got over its failures
	lasting = 5 * time.Minute // a failure that lasts for so long is worth a line of its own
)

// A Streak tells which failures of a thing that keeps failing are worth a line
// in the log: the first, second, fourth, eighth and so on of those that begin
// less than an hour after the end of the one before, and each that lasts. The
// others are for debugging.
type Streak struct {
	Times int  // failures up to now, the present one included
	Told  bool // the present failure, or the one that was last, is worth a line

	began, ended time.Time
}

// Begin counts a failure.
func (s *Streak) Begin(now time.Time) {
	if now.Sub(s.ended) >= calm {
		s.Times = 0
	}
	s.Times++
	s.began = now
	s.Told = s.Times&(s.Times-1) == 0
}

// Lasts returns true, once, if the failure has come to be worth a line because
// it has lasted for 5 minutes.
func (s *Streak) Lasts(now time.Time) bool {
	if s.Told || now.Sub(s.began) < lasting {
		return false
	}
	s.Told = true
	return true
}

// End notes that the failure is over.
func (s *Streak) End(now time.Time) { s.ended = now }

// Args adds to what the log says of the failure its number, unless it is the
// first.
func (s *Streak) Args(args ...any) []any {
	if s.Times > 1 {
		args = append(args, "times", s.Times)
	}
	return args
}

// Level returns at which level the failure is logged: at the given one if it is
// worth a line.
func (s *Streak) Level(worth slog.Level) slog.Level {
	if s.Told {
		return worth
	}
	return slog.LevelDebug
}
