package spool

import (
	"log/slog"
	"sync"
)

// A notes keeps lines for the log until Run writes them: they arise while a lock is
// held, and a log may be slow.
type notes struct {
	mu    sync.Mutex
	lines []func(*slog.Logger)
	wake  chan struct{} // makes Run look at once
}

func (n *notes) say(line func(*slog.Logger)) {
	n.mu.Lock()
	n.lines = append(n.lines, line)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// report writes the lines.
func (n *notes) report(log *slog.Logger) {
	n.mu.Lock()
	lines := n.lines
	n.lines = nil
	n.mu.Unlock()
	for _, line := range lines {
		line(log)
	}
}
