package spool

import (
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

// degrade puts memory in the place of the runtime tier.
func (s *Spool) degrade(cause error) {
	s.files.end()
	s.files.cause, s.files.since = cause, time.Now()
	s.retryFiles = time.Now().Add(retryRuntime)
	s.memory = newMemoryTier(min(s.MaxBytes, fallbackBytes))
	dir := s.RuntimeDir
	s.say(func(log *slog.Logger) {
		log.Warn("runtime spool fails: readings are kept in memory and would be lost with the process",
			"dir", dir, "cause", cause)
	})
}

func newMemoryTier(size int64) *tier {
	return &tier{disk: newMemoryFS(), dir: "/", max: size, unlock: func() {}}
}

// say leaves a line for the log to Run, as the lock is held.
func (s *Spool) say(line func(*slog.Logger)) {
	s.notes = append(s.notes, func() { line(s.Log) })
	s.wakeUp()
}

// healRuntime tries to make the runtime tier work again.
func (s *Spool) healRuntime() {
	s.mu.Lock()
	t := s.files
	due := s.memory != nil && t != nil && !time.Now().Before(s.retryFiles)
	s.mu.Unlock()
	if !due {
		return
	}
	var f found
	var err error
	if t.unlock == nil {
		f, err = s.openTier(t)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && f.known != nil {
		s.adopt(t, f)
	}
	if err == nil {
		err = s.moveBack(t)
	}
	if err != nil {
		t.cause = err
		s.retryFiles = time.Now().Add(retryRuntime)
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
	lasted, count := time.Since(t.since).Round(time.Second), len(records)
	t.cause, t.since = nil, time.Time{}
	s.memory, s.pending = nil, nil
	s.say(func(log *slog.Logger) {
		log.Info("runtime spool works again", "dir", t.dir, "after", lasted, "saved", count)
	})
	return nil
}

// cardDone notes how work on the card has ended.
func (s *Spool) cardDone(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.card
	if err != nil {
		s.cardFailed(err)
		return
	}
	if t.cause != nil {
		lasted := time.Since(t.since).Round(time.Second)
		s.say(func(log *slog.Logger) { log.Info("card spool works again", "dir", t.dir, "after", lasted) })
	}
	t.cause, t.since, s.pause, s.retryCard = nil, time.Time{}, 0, time.Time{}
}

func (s *Spool) cardFailed(cause error) {
	t := s.card
	if t.cause == nil {
		t.since = time.Now()
		s.say(func(log *slog.Logger) {
			log.Warn("card spool fails: readings that wait are kept on the runtime tier only",
				"dir", t.dir, "cause", cause)
		})
	}
	t.cause = cause
	s.pause = min(max(2*s.pause, firstPause), longestPause)
	s.retryCard = time.Now().Add(s.pause)
}
