package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"sensorpub/cmd/sensorpub/terminal"
)

// logger returns the daemon's log: lines of text on stderr, at the level of
// --log-level and above.
func (e *env) logger() *slog.Logger {
	return slog.New(&logHandler{
		w: e.stderr, mu: new(sync.Mutex), level: e.level, journal: e.underJournal(),
	})
}

// underJournal reports whether stderr goes to the journal: $JOURNAL_STREAM then
// has its device and inode (systemd.exec(5)).
func (e *env) underJournal() bool {
	w := e.stderr
	if g, ok := w.(*terminal.Guard); ok {
		w = g.W
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && e.Getenv("JOURNAL_STREAM") == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

// priority returns the prefix that gives a line on stderr its priority in the
// journal (sd-daemon(3)), or "" on a terminal.
func (e *env) priority(p string) string {
	if e.underJournal() {
		return "<" + p + ">"
	}
	return ""
}

// A logHandler writes a record as one line: the message, then key=value. In the
// journal, which adds time and level, the line starts with its priority,
// otherwise with time and level.
type logHandler struct {
	w       io.Writer
	mu      *sync.Mutex // shared by all handlers made from one
	level   slog.Level
	journal bool
	group   string // prefix of keys: "broker."
	attrs   string // formatted, each preceded by a space
}

func (h *logHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	if h.journal {
		b.WriteString("<" + priorityOf(r.Level) + ">")
	} else {
		fmt.Fprintf(&b, "%s %-5s ", r.Time.Format("2006-01-02 15:04:05.000"), r.Level)
	}
	b.WriteString(terminal.Text(r.Message))
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		appendAttr(&b, h.group, a)
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.w.Write(b.Bytes())
	return err
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b bytes.Buffer
	for _, a := range attrs {
		appendAttr(&b, h.group, a)
	}
	with := *h
	with.attrs += b.String()
	return &with
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	with := *h
	if name != "" {
		with.group += name + "."
	}
	return &with
}

func appendAttr(b *bytes.Buffer, group string, a slog.Attr) {
	v := a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
	case v.Kind() == slog.KindGroup:
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, sub := range v.Group() {
			appendAttr(b, group, sub)
		}
	default:
		b.WriteString(" " + terminal.Text(group+a.Key) + "=" + quoteIfNeeded(v.String()))
	}
}

// priorityOf returns the syslog priority of a level.
func priorityOf(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "3"
	case l >= slog.LevelWarn:
		return "4"
	case l >= slog.LevelInfo:
		return "6"
	}
	return "7"
}

// quoteIfNeeded quotes a value that would not be taken for one.
func quoteIfNeeded(s string) string {
	if s == "" || strings.ContainsAny(s, ` "=`) {
		return strconv.Quote(s)
	}
	return terminal.Text(s)
}
