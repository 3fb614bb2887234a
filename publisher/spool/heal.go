package spool

import (
	"context"
	"log/slog"
	"time"
)

// Before a failed tier is tried again: the card with growing pauses, as it may
// be slow to fail.
const (
	retryRuntime = 15 * time.Second
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// What the log says of a tier that has failed.
const (
	runtimeFails = "runtime spool fails: readings are kept in memory and would be lost with the process"
	cardFails    = "card spool fails: readings that wait are kept on the runtime tier only"
)

// degrade puts memory in the place of the runtime tier.
func (s *Spool) degrade(cause error) {
	s.runtime.end()
	s.failed(s.runtime, cause, runtimeFails)
	s.retryRuntime = time.Now().Add(retryRuntime)
	s.memory = newMemoryTier(min(s.MaxBytes, fallbackBytes))
}

func newMemoryTier(size int64) *tier {
	return &tier{disk: newMemoryFS(), dir: "/", max: size, unlock: func() {}}
}

// failed notes that a tier cannot be used. Only the first failure of a row is
// logged.
func (s *Spool) failed(t *tier, cause error, message string) {
	if isGone(cause) && t.unlock != nil && !t.stray && t.missing(t.number) != nil {
		s.strand(t)
	}
	now := time.Now()
	before := t.cause
	t.cause = cause
	if before == nil {
		t.since = now
		t.streak.Begin(now)
	} else if !t.streak.Lasts(now) {
		return
	}
	args, level := t.streak.Args("dir", t.dir, "cause", cause), t.streak.Level(slog.LevelWarn)
	s.say(func(log *slog.Logger) { log.Log(context.Background(), level, message, args...) })
}

// works notes that a tier can be used again.
func (s *Spool) works(t *tier, message string, more ...any) {
	now := time.Now()
	args := append([]any{"dir", t.dir, "after", now.Sub(t.since).Round(time.Second)}, more...)
	t.cause, t.since = nil, time.Time{}
	t.streak.End(now)
	level := t.streak.Level(slog.LevelInfo)
	s.say(func(log *slog.Logger) { log.Log(context.Background(), level, message, args...) })
}

// say leaves a line for the log to Run, as the lock is held.
func (s *Spool) say(line func(*slog.Logger)) {
	s.notes = append(s.notes, func() { line(s.Log) })
	s.wakeUp()
}

// healRuntime tries to make the runtime tier work again.
func (s *Spool) healRuntime() {
	s.mu.Lock()
	t := s.runtime
	due := s.memory != nil && t != nil && !time.Now().Before(s.retryRuntime)
	s.mu.Unlock()
	if !due {
		return
	}
	var f found
	err := s.retake(t)
	if err == nil && t.unlock == nil {
		f, err = s.openTier(t)
	}
	if err == nil && f.known != nil {
		s.takeOver(t, f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		err = s.moveBack(t)
	}
	if err != nil {
		s.failed(t, err, runtimeFails)
		s.retryRuntime = time.Now().Add(retryRuntime)
	}
}

// moveBack begins a new segment of the runtime tier with the waiting readings
// that are in memory.
func (s *Spool) moveBack(t *tier) error {
	var records []Record
	want := s.memory.holds().without(s.known.settled)
	for _, seg := range s.memory.segments {
		b, _ := s.memory.disk.Read(s.memory.path(seg.number)) // memory does not fail
		records = append(records, pick(b, want, s.boot)...)
	}
	t.end()
	fixed, err := s.begin(t)
	if err != nil {
		return err
	}
	var have set
	for _, r := range records {
		s.out.reading(r, s.boot)
		have.add(r.Position, r.Position)
	}
	if err := s.makeRoom(t, nil); err != nil {
		return err
	}
	n, begun, err := t.write(s.out.buf, false)
	t.wrote(&s.out, n, begun, err)
	if err != nil {
		return err
	}
	t.last().have.addAll(have)
	t.fixed = fixed
	s.memory, s.pending = nil, nil
	s.works(t, "runtime spool works again", "saved", len(records))
	return nil
}

// cardDone notes how work on the card has ended.
func (s *Spool) cardDone(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.cardFailed(err)
		return
	}
	if s.card.cause != nil {
		s.works(s.card, "card spool works again")
	}
	s.pause, s.retryCard = 0, time.Time{}
}

func (s *Spool) cardFailed(cause error) {
	s.failed(s.card, cause, cardFails)
	s.pause = min(max(2*s.pause, firstPause), longestPause)
	s.retryCard = time.Now().Add(s.pause)
}
