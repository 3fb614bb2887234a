package drivers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sensorpub/sensors"
)

// A capped buffer keeps the last bytes written to it.
type capped struct {
	text   []byte
	over   bool // there were more
	strict bool // refuses more, which ends the command
}

// Write implements [io.Writer].
func (c *capped) Write(b []byte) (int, error) {
	if c.strict && len(c.text)+len(b) > execOutput {
		c.over = true
		return 0, errors.New("too much output")
	}
	c.text = append(c.text, b[max(0, len(b)-execOutput):]...)
	if surplus := len(c.text) - execOutput; surplus > 0 || len(b) > execOutput {
		c.over = true
		c.text = append(c.text[:0], c.text[max(0, surplus):]...)
	}
	return len(b), nil
}

// last formats the last line that is not blank, to be appended to an error.
func (c *capped) last() string {
	text := bytes.TrimSpace(c.text)
	line := text[bytes.LastIndexAny(text, "\r\n")+1:]
	if len(line) == 0 {
		return ""
	}
	return fmt.Sprintf(": %.200q", line)
}

// parseOutput reads the output of a command: one number if one quantity is wanted, or
// a line with name and number for each quantity, in any order. An extra line is an
// error: it may be a message.
func parseOutput(text []byte, sources []source) ([]sensors.Measurement, error) {
	if len(sources) == 1 && len(bytes.Fields(text)) == 1 {
		v, err := parseNumber(text)
		if err != nil {
			return nil, err
		}
		return []sensors.Measurement{sources[0].measured(v)}, nil
	}
	out := make([]sensors.Measurement, len(sources))
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		i := slices.IndexFunc(sources, func(s source) bool { return s.Name == fields[0] })
		if i < 0 || len(fields) != 2 || out[i].Quantity != "" {
			return nil, fmt.Errorf("got a line of %d bytes, want one line %q for each quantity", len(strings.TrimSpace(line)), sources[max(i, 0)].Name+" NUMBER")
		}
		v, err := parseNumber([]byte(fields[1]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fields[0], unquoted(err))
		}
		out[i] = sources[i].measured(v)
	}
	for i, s := range sources {
		if out[i].Quantity == "" {
			return nil, fmt.Errorf("has not printed the %s", s.Name)
		}
	}
	return out, nil
}
