package main

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors/drivers"
)

// A loader loads the configuration of the daemon, at the start and at each
// reload.
type loader struct {
	env    *env
	log    *slog.Logger
	claims claims
	last   *config.Config // nil before the first
	page   string         // the password of the page
	warned []config.Warning

	patience, retry time.Duration // of first
}

func newLoader(e *env, log *slog.Logger) *loader {
	return &loader{
		env: e, log: log, claims: claims{log, make(map[string]*net.UnixListener)},
		patience: time.Minute, retry: time.Second,
	}
}

// first loads the configuration at the start. A service waits for a missing secret
// or certificate, which may be on a file system that is mounted later. After a while,
// within TimeoutStartSec=, it fails in a way that makes systemd restart it.
func (l *loader) first(ctx context.Context) (*config.Config, *mqtt.Client, error) {
	c, m, err := l.load(ctx)
	if !config.IsMissing(err) || l.env.Getenv("NOTIFY_SOCKET") == "" {
		return c, m, err
	}
	l.log.Warn("waiting for a missing file", "error", err)
	for end := time.Now().Add(l.patience); config.IsMissing(err) && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(l.retry):
		}
		c, m, err = l.load(ctx)
	}
	if config.IsMissing(err) {
		err = failed(err, "systemd tries again")
	}
	return c, m, err
}

// load returns the configuration and its connection. It claims the client id and
// logs warnings about the configuration.
func (l *loader) load(ctx context.Context) (*config.Config, *mqtt.Client, error) {
	c, m, err := l.env.connect(ctx, l.log)
	if err != nil {
		return nil, nil, err
	}
	if c.HTTP.Listen != "" {
		if l.page, err = c.HTTPPassword(ctx); err != nil {
			return nil, nil, wrong(err)
		}
	}
	if err := l.claims.take(ctx, c); err != nil {
		return nil, nil, err
	}
	var before string
	if l.last != nil {
		before = simulated(l.last)
	}
	if names := simulated(c); names != "" && names != before {
		l.log.Warn("simulated sensors measure nothing, but are published like the others", "sensors", names)
	}
	l.warn(c.Warnings(ctx, memoryLimit("")))
	l.last = c
	return c, m, nil
}

// warn logs what has not been logged at the last load.
func (l *loader) warn(warnings []config.Warning) {
	for _, w := range warnings {
		if !slices.Contains(l.warned, w) {
			l.log.Warn(w.Finding, "hint", w.Hint)
		}
	}
	l.warned = warnings
}

// simulated returns the names of the sensors that measure nothing.
func simulated(c *config.Config) string {
	var names []string
	for _, s := range c.Sensors {
		if drivers.IsSimulated(s.Driver) {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, ", ")
}
