package daemon

import (
	"context"
	"log/slog"
	"time"
)

// Intervals of summaries while something is wrong.
const (
	summaryCheck = 30 * time.Second // how often the state is checked
	summaryFirst = 5 * time.Minute  // until the first summary
	summaryMost  = 6 * time.Hour    // between two summaries
)

// A summary logs, less and less often, that something is still wrong: one line
// for everything after 5 minutes, then after 10, 20, 40 … and at least every 6
// hours. While all is well it logs nothing.
type summary struct {
	snapshot func() Snapshot
	log      *slog.Logger

	began time.Time     // when the present trouble began; zero: there is none
	next  time.Duration // from then to the next line
}

// Run logs until ctx ends.
func (s *summary) Run(ctx context.Context) error {
	return every(ctx, summaryCheck, func() { s.look(s.snapshot()) })
}

// every looks at each interval until ctx ends.
func every(ctx context.Context, interval time.Duration, look func()) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		look()
	}
}

// look logs a line if one is due.
func (s *summary) look(now Snapshot) {
	since := now.BadSince()
	if since.IsZero() {
		s.began = since
		return
	}
	lasted := now.Now.Sub(since)
	if !since.Equal(s.began) { // new trouble, which may have begun long ago
		s.began, s.next = since, summaryFirst
		for s.next < lasted-summaryCheck {
			s.next += min(s.next, summaryMost)
		}
	}
	if lasted < s.next {
		return
	}
	s.next += min(s.next, summaryMost)
	s.log.Warn("still failing", "for", lasted.Round(time.Minute), "status", now.String())
}
