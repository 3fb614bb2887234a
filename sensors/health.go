package sensors

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"
	"unicode"
)

// health tracks the failures of a probe. The bus and the scheduler both update it.
type health struct {
	mu       sync.Mutex
	badSince time.Time       // zero while it is good
	cause    string          // of the latest failure
	told     map[string]bool // kinds of cause that were logged since badSince
	failures int             // since badSince
	streak   Streak
	missed   int // turns missed because the bus was busy
	failed   map[string]uint64
	rejected Rejected
	absent   bool // its device may be on another machine
}

// A Status describes the health of a probe.
type Status struct {
	Sensor   string
	Driver   string
	Absent   bool      // the probe is IfPresent, and its device has not answered yet
	BadSince time.Time // zero while the last reading was good
	Cause    string    // of the latest failure
	Failures int       // since BadSince
	Missed   int       // turns missed since the start because the bus was busy

	Good     time.Time         // when the last good value came; zero: none yet
	Failed   map[string]uint64 // failures since the start: "open", "read", or the reason of a rejection
	Rejected Rejected          // the last value that was rejected
}

// A Rejected is a value that was refused as false, or as suspected to be.
type Rejected struct {
	Time     time.Time // zero: there is none
	Quantity string
	Rejection
}

// Status returns the health of each probe of the bus.
func (b *Bus) Status() []Status {
	slots := b.list()
	all := make([]Status, len(slots))
	for i, sl := range slots {
		all[i] = sl.status()
	}
	return all
}

func (sl *slot) status() Status {
	sl.health.mu.Lock()
	defer sl.health.mu.Unlock()
	h := &sl.health
	s := Status{
		Sensor: sl.probe.Name, Driver: sl.probe.Driver,
		Absent: h.absent, BadSince: h.badSince, Cause: h.cause, Failures: h.failures, Missed: h.missed,
		Failed: maps.Clone(h.failed), Rejected: h.rejected,
	}
	for _, f := range sl.fresh {
		s.Good = later(s.Good, f.good)
	}
	return s
}

// setAbsent notes whether the device may be on another machine. What is not there
// is not bad, though its bus may have been stuck at the probe, or before it.
func (sl *slot) setAbsent(absent bool) {
	h := &sl.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.absent = absent; absent && !h.badSince.IsZero() {
		h.recover(time.Now())
	}
}

// recover ends the consecutive failures; h.mu must be held.
func (h *health) recover(now time.Time) {
	h.streak.End(now)
	h.badSince, h.cause, h.failures = time.Time{}, "", 0
}

// reject passes on that a value was rejected, and remembers it as the last one
// unless it is true. The sink does not know of one that would not be published.
func (b *Bus) reject(sl *slot, i int, r *Rejection) {
	q := sl.probe.Quantities[i]
	if r.Reason != Deadband {
		sl.health.mu.Lock()
		sl.health.rejected = Rejected{time.Now(), q.Name, *r}
		sl.health.mu.Unlock()
	}
	if !sl.probe.signal(i).Hidden {
		b.sink.Reject(sl.probe.Name, q.Name, r)
	}
}

// maxCauses is how many different causes are logged of one outage.
const maxCauses = 5

// turnBad notes a failure. The first of consecutive failures is logged, and later
// ones only if their cause is of another kind.
func (b *Bus) turnBad(sl *slot, cause error) {
	h := &sl.health
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.failures++
	h.cause = cause.Error()
	if h.failed == nil {
		h.failed = make(map[string]uint64)
	}
	h.failed[failureReason(cause)]++
	message, kind := "sensor unavailable", kindOf(cause)
	switch {
	case h.badSince.IsZero():
		h.badSince, h.told = now, make(map[string]bool)
		h.streak.Begin(now)
	case h.streak.Lasts(now):
	case h.told[kind] || len(h.told) >= maxCauses:
		return
	default:
		message = "sensor still unavailable"
	}
	h.told[kind] = true
	b.log.Log(context.Background(), h.streak.Level(slog.LevelWarn), message,
		h.streak.Args("sensor", sl.probe.Name, "cause", cause)...)
}

// kindOf returns what causes of one kind have in common: the reason of a
// rejection, or the text without its numbers.
func kindOf(cause error) string {
	var rejection *Rejection
	switch {
	case errors.As(cause, &rejection):
		return string(rejection.Reason)
	case errors.Is(cause, errStuck):
		return string(Late) // what its value becomes when it arrives after all
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, cause.Error())
}

// failureReason returns the reason of a rejection, or what failed: "open" or "read",
// with which the text of the others begins.
func failureReason(cause error) string {
	if rejection := new(Rejection); errors.As(cause, &rejection) {
		return string(rejection.Reason)
	}
	what, _, _ := strings.Cut(cause.Error(), ":")
	return what
}

// turnGood notes a good reading. Only the first after failures is logged.
func (b *Bus) turnGood(sl *slot) {
	h := &sl.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.badSince.IsZero() {
		return
	}
	now, since, failures := time.Now(), h.badSince, h.failures
	h.recover(now)
	b.log.Log(context.Background(), h.streak.Level(slog.LevelInfo), "sensor available again", "sensor", sl.probe.Name,
		"failures", failures, "after", now.Sub(since).Round(time.Second))
}

// miss notes a turn that the bus was too busy for.
func (sl *slot) miss() {
	sl.health.mu.Lock()
	sl.health.missed++
	sl.health.mu.Unlock()
}
