package sensors

import (
	"log/slog"
	"time"
)

// Bounds of a streak.
const (
	calm    = time.Hour       // being well for this long resets the count
	lasting = 5 * time.Minute // a failure that lasts this long is always logged
)

// A Streak decides which of many failures are logged: the first, second, fourth,
// eighth and so on of those that begin less than an hour after the end of the
// previous one, and each that lasts. The others are logged at debug level.
type Streak struct {
	Times int  // failures so far, the present one included
	Told  bool // the present or latest failure is logged

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

// Lasts reports, once, that the failure has lasted long enough to be logged.
func (s *Streak) Lasts(now time.Time) bool {
	if s.Told || now.Sub(s.began) < lasting {
		return false
	}
	s.Told = true
	return true
}

// End notes that the failure is over.
func (s *Streak) End(now time.Time) { s.ended = now }

// Args appends the number of the failure to a log line's arguments, unless it is
// the first.
func (s *Streak) Args(args ...any) []any {
	if s.Times > 1 {
		args = append(args, "times", s.Times)
	}
	return args
}

// Level returns the level for the failure: worth if it is to be logged, else debug.
func (s *Streak) Level(worth slog.Level) slog.Level {
	if s.Told {
		return worth
	}
	return slog.LevelDebug
}
