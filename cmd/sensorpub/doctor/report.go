package doctor

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"sensorpub/cmd/sensorpub/terminal"
)

// The statuses of a check.
const (
	statusOK   = "ok"
	statusWarn = "warn"
	statusFail = "FAIL"
	statusSkip = "skip"
)

// A report prints and counts the findings.
type report struct {
	out       io.Writer
	json      bool // an object for each check
	superuser bool // the user is root

	checks   int
	failures int
}

// say prints the line of a check and its hints.
func (r *report) say(status, object, finding string, hints ...string) {
	switch status {
	case statusSkip:
	case statusFail:
		r.failures++
		fallthrough
	default:
		r.checks++
	}
	for i, h := range hints {
		hints[i] = terminal.Hint(h, r.superuser)
	}
	hints = slices.DeleteFunc(hints, func(h string) bool { return h == "" })
	if r.json {
		fmt.Fprintln(r.out, terminal.JSON(result{strings.ToLower(status), object, finding, hints}))
		return
	}
	text := terminal.Text(finding)
	if object == configuration { // its errors are lines of our own
		text = strings.ReplaceAll(terminal.Lines(finding), "\n", "\n      ")
	}
	fmt.Fprintf(r.out, "%-4s  %s  %s\n", status, terminal.Pad(terminal.Text(object), 13), text)
	for _, h := range hints {
		fmt.Fprintf(r.out, "      hint: %s\n", h)
	}
}

// configuration is the object of the first check.
const configuration = "configuration"

// A result is what a check prints with JSON.
type result struct {
	Status  string   `json:"status"` // ok, warn, fail or skip
	Check   string   `json:"check"`
	Finding string   `json:"finding"`
	Hints   []string `json:"hints,omitempty"`
}

// count formats a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// cause returns an error without the path, which its line shows already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
