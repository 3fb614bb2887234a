package mqtt

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"time"

	"sensorpub/sensors"
)

// A session shorter than endedEarly counts as ended early. In a clash of client
// ids the other client is back after a pause of up to earlyPause and a
// handshake, which takes seconds with TLS on a small board.
const endedEarly = 5 * time.Second

// manyFlaps is the number of consecutive sessions that ended early at which
// the log names the likely reasons.
const manyFlaps = 3

// maxCauses bounds the log lines of one outage.
const maxCauses = 5

// A connectionLog logs what happens to the connection, each event once: a network
// that comes and goes all day takes only a few lines.
type connectionLog struct {
	start    time.Time // of the current outage
	attempts int
	causes   map[string]bool // logged since the start of the last outage that was logged itself
	flaps    int             // consecutive sessions that ended early
	streak   sensors.Streak  // of outages
}

// first starts the time before the first connection.
func (l *connectionLog) first(now time.Time) {
	l.start, l.streak.Told = now, true
	l.causes = make(map[string]bool)
}

// lost logs the loss of a session, the start of an outage.
func (l *connectionLog) lost(log *slog.Logger, s *Session, clientID string, now time.Time) {
	l.flaps++
	if now.Sub(s.start) >= endedEarly {
		l.flaps = 0
	}
	l.start, l.attempts = now, 0
	l.streak.Begin(now)
	if l.flaps == manyFlaps {
		l.streak.Told = true
	}
	if l.streak.Told {
		l.causes = make(map[string]bool)
	}
	args := l.streak.Args("broker", Display(s.broker), "cause", cause(s.conn.err()))
	var network *net.OpError
	unexplained := errors.Is(s.conn.err(), errClosed) || errors.As(s.conn.err(), &network)
	if l.flaps == manyFlaps && unexplained {
		args = append(args, "hint",
			"three connections ended right after connecting: another client uses the client id "+clientID+
				", perhaps a copy of this card, or the broker does not accept a message: its topic (access list), its QoS, its retain flag or its size; see sensorpub doctor")
	}
	log.Log(context.Background(), l.streak.Level(slog.LevelWarn), "connection lost", args...)
}

// left logs that a session was left for a better broker.
func (l *connectionLog) left(log *slog.Logger, s *Session, now time.Time) {
	l.start, l.attempts, l.flaps = now, 0, 0
	l.streak.Told = true
	log.Info("left the broker: the first one is reachable again", "broker", Display(s.broker))
}

// failed logs an attempt that failed, if its cause is news.
func (l *connectionLog) failed(log *slog.Logger, u *url.URL, err error, now time.Time) {
	l.attempts++
	why := cause(err)
	if !l.news(u.Host+why, now) {
		return
	}
	args := []any{"broker", Display(u), "cause", why}
	if h := Hint(err); h != "" {
		args = append(args, "hint", h)
	}
	log.Warn("no connection to the broker", args...)
}

// news reports whether a cause is worth a line, and counts it as logged then.
func (l *connectionLog) news(cause string, now time.Time) bool {
	if (l.causes[cause] || len(l.causes) >= maxCauses) && !l.streak.Lasts(now) {
		return false
	}
	l.streak.Told = true
	l.causes[cause] = true
	return true
}

// connected logs a new session.
func (l *connectionLog) connected(log *slog.Logger, s *Session) {
	l.streak.End(s.start)
	args := []any{"broker", Display(s.broker)}
	if l.attempts > 0 || l.streak.Times > 0 {
		args = append(args, "after", s.start.Sub(l.start).Round(time.Millisecond), "failures", l.attempts)
	}
	log.Log(context.Background(), l.streak.Level(slog.LevelInfo), "connected", args...)
}
