package spool

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Before a store that fails is tried again: the disk with growing pauses, as it
// may be slow to fail.
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

// isGone reports whether an error is that of a path that leads to nothing.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// check looks whether the segments are still in the directory. It can be
// removed, moved or covered by a mount while it is in use: what is appended to a
// segment then goes to a file without a name, and no call fails. The readings
// in files that are gone are lost, unless they are in memory or in the other
// store. An error says that the directory has to be opened anew.
func (t *store) check() error {
	t.x.mu.Lock()
	segments, current := slices.Clone(t.segments), t.current
	t.x.mu.Unlock()
	entries, err := t.disk.List(t.dir)
	if err != nil && !isGone(err) {
		return nil // nothing is known
	}
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	there := make(map[string]bool)
	for _, e := range entries {
		there[filepath.Join(t.dir, e.Name)] = true
	}
	for _, seg := range segments {
		if !there[t.path(seg.number)] {
			t.forget(seg)
		}
	}
	t.x.orphan(t.x.waiting, t.dir)
	if err == nil && current != nil && !there[t.path(current.number)] {
		err = &fs.PathError{Op: "find", Path: t.path(current.number), Err: fs.ErrNotExist}
	}
	return err
}

// release gives the directory back, so that what is there now is opened
// instead.
func (t *store) release() {
	if t.unlock != nil {
		t.unlock()
		t.unlock = nil
	}
}

// reopen takes the directory for writing where that failed before, or where it
// was removed. Files of an earlier process are left to the next one. t.writing
// must be held.
func (t *store) reopen() error {
	if t.unlock != nil {
		return nil
	}
	unlock, err := t.disk.Lock(t.dir)
	if err != nil {
		return err
	}
	entries, err := t.disk.List(t.dir)
	if err != nil {
		unlock()
		return err
	}
	t.unlock = unlock
	var unread []string
	for _, e := range entries {
		number, ok := segmentNumber(strings.TrimSuffix(e.Name, newSuffix))
		if number < absurd {
			t.number = max(t.number, number)
		}
		switch {
		case e.Name == stateName:
			t.aside = true
			fallthrough
		case ok && e.Regular && !strings.HasSuffix(e.Name, newSuffix):
			unread = append(unread, e.Name)
		}
	}
	t.leave(unread, nil)
	return nil
}

// leave notes that files are left to the next process.
func (t *store) leave(names []string, cause error) {
	t.x.mu.Lock()
	defer t.x.mu.Unlock()
	names = slices.DeleteFunc(names, func(name string) bool {
		return slices.Contains(t.unread, name) ||
			slices.ContainsFunc(t.segments, func(seg *segment) bool { return filepath.Base(t.path(seg.number)) == name })
	})
	if len(names) == 0 {
		return
	}
	t.unread = append(t.unread, names...)
	args := []any{"dir", t.dir, "files", strings.Join(names, " ")}
	if cause != nil {
		args = append(args, "cause", cause)
	}
	t.x.say(func(log *slog.Logger) {
		log.Warn("spool files were not read: they are left to the next start", args...)
	})
}
