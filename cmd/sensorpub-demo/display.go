package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"sensorpub/publisher/mqtt"
)

// A display shows messages until ctx ends or, if the last ones matter, until
// done is closed.
type display func(ctx context.Context, done <-chan struct{}, state func() daemonState, messages <-chan mqtt.Message) error

// newDisplay returns a live view if stdout is a terminal, otherwise a printer
// of lines. The log is part of the view, or goes to stderr.
func newDisplay(p *process, b *broker, page string, published []series) (display, *slog.Logger) {
	if !isTerminal(p.stdout, p.getenv) {
		lines := &printer{w: p.stdout, series: make(map[string]series)}
		for _, s := range published {
			lines.series[s.Topic] = s
		}
		var writing sync.Mutex
		emit := func(n notice) {
			writing.Lock()
			defer writing.Unlock()
			fmt.Fprintln(p.stderr, n.text)
		}
		show := func(_ context.Context, done <-chan struct{}, _ func() daemonState, messages <-chan mqtt.Message) error {
			return lines.run(done, messages)
		}
		return show, slog.New(logHandler{emit: emit})
	}
	notices := make(chan notice, logLength)
	emit := func(n notice) {
		select {
		case notices <- n:
		default: // the view has ended
		}
	}
	s := &screen{
		terminal: p.stdout, coloured: p.getenv("NO_COLOR") == "",
		board: newBoard(b.url().Host, b.join(), page, published),
	}
	show := func(ctx context.Context, _ <-chan struct{}, state func() daemonState, messages <-chan mqtt.Message) error {
		s.daemon = state
		return s.run(ctx, messages, notices)
	}
	return show, slog.New(logHandler{emit: emit})
}
