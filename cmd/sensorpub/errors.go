package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
)

// The exit codes.
const (
	exitOK     = 0 // ended as asked
	exitFailed = 1 // the work failed
	exitWrong  = 2 // command line or configuration is wrong
)

// A failure is an error with an exit code and hints. Any other error means exit
// code 1.
type failure struct {
	code  int
	err   error
	hints []string // one line each
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// wrong returns an error of the command line or the configuration.
func wrong(err error, hints ...string) error {
	return &failure{exitWrong, err, hints}
}

// failed returns an error of the work, with hints.
func failed(err error, hints ...string) error {
	return &failure{exitFailed, err, hints}
}

// report prints err and its hints to stderr and returns the exit code.
func (e *env) report(err error) int {
	if err == nil {
		return exitOK
	}
	text := "sensorpub: " + errorText(err)
	code := exitFailed
	var f *failure
	if errors.As(err, &f) {
		code = f.code
		for _, h := range f.hints {
			text += "\nhint: " + terminal.Hint(h, e.superuser)
		}
	}
	for line := range strings.Lines(text + "\n") {
		fmt.Fprint(e.stderr, e.priority("3"), line)
	}
	return code
}

// errorText returns the text of an error, safe to print. Only configuration errors
// have several lines.
func errorText(err error) string {
	if errors.As(err, new(config.Errors)) {
		return terminal.Lines(err.Error())
	}
	return terminal.Text(err.Error())
}

// A checkedWriter remembers the first error of writing to stdout, so that a
// full disk behind it does not go unnoticed.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

func (c *checkedWriter) failure() error {
	if c.err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(c.err, &pe) {
		return fmt.Errorf("write standard output: %w", pe.Err)
	}
	return fmt.Errorf("write standard output: %w", c.err)
}
