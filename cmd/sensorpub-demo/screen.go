package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"sensorpub/publisher/mqtt"

	"golang.org/x/term"
)

// drawEvery is the shortest time between two frames.
const drawEvery = 200 * time.Millisecond

// Control sequences of xterm: the alternate screen without a cursor and
// without wrapped lines, and back.
const (
	enter = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leave = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// A screen shows a board on a terminal.
type screen struct {
	terminal *os.File
	coloured bool
	board    *board
	daemon   func() daemonState
	last     string // the last frame
}

// isTerminal reports whether f is a terminal on which a view can be drawn.
func isTerminal(f *os.File, getenv func(string) string) bool {
	return term.IsTerminal(int(f.Fd())) && getenv("TERM") != "dumb"
}

// run shows messages until ctx ends, and restores the terminal.
func (s *screen) run(ctx context.Context, messages <-chan mqtt.Message, log <-chan notice) error {
	suspend := make(chan os.Signal, 1)
	signal.Notify(suspend, syscall.SIGTSTP)
	defer signal.Stop(suspend)
	fmt.Fprint(s.terminal, enter)
	defer fmt.Fprint(s.terminal, leave)
	ticker := time.NewTicker(drawEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-messages:
			s.board.receive(m, time.Now())
		case n := <-log:
			s.board.note(n)
		case <-ticker.C:
			s.board.update(s.daemon())
			if err := s.draw(); err != nil {
				return fmt.Errorf("write standard output: %w", cause(err))
			}
		case <-suspend:
			s.pause()
		}
	}
}

// draw writes a frame if it differs from the last one.
func (s *screen) draw() error {
	width, height, err := term.GetSize(int(s.terminal.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	frame := s.frame(s.board.view(width, height, time.Now()), width)
	if frame == s.last {
		return nil
	}
	s.last = frame
	_, err = s.terminal.WriteString(frame)
	return err
}

// frame overwrites line by line, because clearing first would flicker. Erasing
// to the end of a full line would erase its last character.
func (s *screen) frame(lines []line, width int) string {
	var b strings.Builder
	b.WriteString("\x1b[H")
	for i, l := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(l.String(s.coloured))
		if l.width() < width {
			b.WriteString("\x1b[K")
		}
	}
	return b.String() + "\x1b[J"
}

// pause hands the terminal back on Ctrl-Z until the shell resumes this process.
func (s *screen) pause() {
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, syscall.SIGCONT)
	defer signal.Stop(resumed)
	fmt.Fprint(s.terminal, leave)
	syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
	<-resumed // the stop may take effect a moment after Kill
	fmt.Fprint(s.terminal, enter)
	s.last = ""
}
