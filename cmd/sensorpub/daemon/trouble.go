package daemon

import (
	"context"
	"log/slog"
	"time"

	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// Times of the summaries of a long trouble.
const (
	troubleEvery = 30 * time.Second // how often it is looked at
	troubleFirst = 5 * time.Minute  // until the first summary
	troubleMost  = 6 * time.Hour    // between two
)

// A trouble says in the log, more and more rarely, that something is still
// wrong: once for everything together after 5 minutes, then after 10, 20, 40 …
// and at least every 6 hours. While all is well it says nothing.
type trouble struct {
	since  func() time.Time // when it began; zero while all is well
	status func() string
	log    *slog.Logger

	began time.Time     // what since said last
	next  time.Duration // from then to the next summary
}

// Run reports until ctx ends.
func (t *trouble) Run(ctx context.Context) error {
	ticker := time.NewTicker(troubleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		t.look(time.Now())
	}
}

// look logs a summary if one is due.
func (t *trouble) look(now time.Time) {
	since := t.since()
	if since.IsZero() {
		t.began = since
		return
	}
	lasted := now.Sub(since)
	if !since.Equal(t.began) { // another, which may have begun long ago
		t.began, t.next = since, troubleFirst
		for t.next < lasted-troubleEvery {
			t.next += min(t.next, troubleMost)
		}
	}
	if lasted < t.next {
		return
	}
	t.next += min(t.next, troubleMost)
	t.log.Warn("still in trouble", "for", lasted.Round(time.Minute), "status", t.status())
}

// troubleSince returns since when something has been wrong: there is no
// connection, a sensor is unavailable, or the spool cannot write. It is zero if
// nothing is.
func troubleSince(broker mqtt.State, buses []*sensors.Bus, tiers []spool.Tier) (since time.Time) {
	earlier := func(t time.Time) {
		if !t.IsZero() && (since.IsZero() || t.Before(since)) {
			since = t
		}
	}
	if !broker.Connected {
		earlier(broker.Since)
	}
	for _, b := range buses {
		for _, s := range b.Status() {
			earlier(s.BadSince)
		}
	}
	for _, t := range tiers {
		if t.Cause != nil {
			earlier(t.Since)
		}
	}
	return since
}
