package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// A notice is a line of the log.
type notice struct {
	level slog.Level
	text  string
}

// A logHandler formats records from Info on for people: time, level, message,
// key=value. The daemon uses no groups.
type logHandler struct {
	emit  func(notice) // must not block, may be called by several goroutines
	attrs []slog.Attr
}

func (h logHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (h logHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %-5s %s", r.Time.Format("15:04:05"), strings.ToLower(r.Level.String()), r.Message)
	add := func(a slog.Attr) bool {
		v := a.Value.Resolve().String()
		if q := strconv.Quote(v); strings.Contains(v, " ") || len(q) != len(v)+2 {
			v = q
		}
		fmt.Fprintf(&b, " %s=%s", a.Key, v)
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	h.emit(notice{r.Level, b.String()})
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return h
}

func (h logHandler) WithGroup(string) slog.Handler { return h }
