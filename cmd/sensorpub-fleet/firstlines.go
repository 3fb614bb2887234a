package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// maxLines is how many lines of all logs are kept.
const maxLines = 10

// firstLines keeps the first few errors of all nodes. It is a [slog.Handler].
type firstLines struct {
	mu    sync.Mutex
	lines []string
}

func (f *firstLines) add(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) < maxLines {
		f.lines = append(f.lines, line)
	}
}

func (f *firstLines) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lines[:len(f.lines):len(f.lines)]
}

func (f *firstLines) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

func (f *firstLines) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(" " + a.Key + "=" + a.Value.String())
		return true
	})
	f.add(b.String())
	return nil
}

func (f *firstLines) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f *firstLines) WithGroup(string) slog.Handler { return f }
