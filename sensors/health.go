package sensors

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// state is what is known of a probe's health. The bus and the scheduler both
// change it.
type state struct {
	mu       sync.Mutex
	badSince time.Time // zero while it is good
	cause    string
	failures int // since badSince
	streak   Streak
	missed   int // turns that its bus was too busy for
}

// A Status tells how a probe is doing.
type Status struct {
	Sensor   string
	Driver   string
	BadSince time.Time // zero while the last reading was good
	Cause    string    // of the first failure since BadSince
	Failures int       // since BadSince
	Missed   int       // turns lost since the start because the bus was busy
}

// Status returns how each probe of the bus is doing.
func (b *Bus) Status() []Status {
	stations := b.list()
	all := make([]Status, len(stations))
	for i, st := range stations {
		all[i] = st.status()
	}
	return all
}

func (st *station) status() Status {
	st.state.mu.Lock()
	defer st.state.mu.Unlock()
	s := &st.state
	return Status{st.probe.Name, st.probe.Driver, s.badSince, s.cause, s.failures, s.missed}
}

// turnBad notes a failure. Only the first of a row is logged.
func (b *Bus) turnBad(st *station, cause error) {
	s := &st.state
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.failures++
	if s.badSince.IsZero() {
		s.badSince, s.cause = now, cause.Error()
		s.streak.Begin(now)
	} else if !s.streak.Lasts(now) {
		return
	}
	b.log.Log(context.Background(), s.streak.Level(slog.LevelWarn), "sensor unavailable",
		s.streak.Args("sensor", st.probe.Name, "cause", cause)...)
}

// turnGood notes a good reading. Only the first after failures is logged.
func (b *Bus) turnGood(st *station) {
	s := &st.state
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.badSince.IsZero() {
		return
	}
	now := time.Now()
	s.streak.End(now)
	b.log.Log(context.Background(), s.streak.Level(slog.LevelInfo), "sensor available again", "sensor", st.probe.Name,
		"failures", s.failures, "after", now.Sub(s.badSince).Round(time.Second))
	s.badSince, s.cause, s.failures = time.Time{}, "", 0
}

// miss notes a turn for which the bus was too busy.
func (st *station) miss() {
	st.state.mu.Lock()
	st.state.missed++
	st.state.mu.Unlock()
}
