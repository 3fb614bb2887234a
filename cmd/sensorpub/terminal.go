package main

import (
	"os"

	"golang.org/x/term"

	"sensorpub/cmd/sensorpub/terminal"
)

// onTerminal reports whether the program was started on a terminal: one of its
// standard streams is one, and no systemd waits for its notifications.
func (e *env) onTerminal() bool {
	if e.Getenv("NOTIFY_SOCKET") != "" {
		return false
	}
	for _, stream := range []any{e.stdin, e.stdout, e.stderr} {
		if g, ok := stream.(*terminal.Guard); ok {
			stream = g.W
		}
		if c, ok := stream.(*checkedWriter); ok {
			stream = c.w
		}
		if f, ok := stream.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return true
		}
	}
	return false
}
