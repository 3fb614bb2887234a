package spool

import (
	"context"
	"io/fs"
	"log/slog"
	"slices"
	"time"
)

// Pauses before a failing store is retried; those of the disk grow, because it may
// be slow to fail.
const (
	tmpfsPause   = 15 * time.Second
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// fail notes that the store cannot be used. Only the first of consecutive
// failures is logged. t.writing must be held.
func (t *store) fail(cause error) {
	t.end()
	if t.unlock != nil && isGone(cause) && t.check() != nil {
		t.release()
	}
	now := time.Now()
	if t.durable {
		t.pause = min(max(2*t.pause, firstPause), longestPause)
	} else {
		t.pause = tmpfsPause
	}
	t.retry = now.Add(t.pause)
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	first := t.cause == nil
	if t.cause = cause; first {
		t.since = now
		t.streak.Begin(now)
	} else if !t.streak.Lasts(now) {
		return
	}
	args, level := t.streak.Args("dir", t.dir, "cause", cause), t.streak.Level(slog.LevelWarn)
	t.x.say(func(log *slog.Logger) { log.Log(context.Background(), level, t.message, args...) })
}

// recovered notes that the store can be used again; t.writing must be held.
func (t *store) recovered(more ...any) {
	t.pause, t.retry = 0, time.Time{}
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	if t.cause == nil {
		return
	}
	now := time.Now()
	args := append([]any{"dir", t.dir, "after", now.Sub(t.since).Round(time.Second)}, more...)
	t.cause, t.since = nil, time.Time{}
	t.streak.End(now)
	level := t.streak.Level(slog.LevelInfo)
	t.x.say(func(log *slog.Logger) { log.Log(context.Background(), level, t.works, args...) })
}

// state returns the state of a store, with what is kept in its place; t.x.mu must be
// held.
func (t *store) state(instead intervals) StoreState {
	have := t.holds()
	have.addAll(instead)
	return StoreState{
		On: true, Cause: t.cause, Since: t.since, Bytes: t.bytes, Written: t.written,
		Waiting: have.within(t.x.waiting).count(), Unread: slices.Clone(t.unread),
	}
}

// close unlocks the directory, after which nothing is written there.
func (t *store) close() {
	t.writing.Lock()
	defer t.writing.Unlock()
	t.end()
	t.release()
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	t.cause = fs.ErrClosed
}
