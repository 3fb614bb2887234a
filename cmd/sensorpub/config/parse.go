package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"sensorpub/publisher/mqtt"
	"sensorpub/sensors/drivers/option"
)

// Parse decodes and checks the text of a configuration file, and opens nothing.
// It returns all errors at once, except that a syntax error hides those that
// follow it.
func (e Environment) Parse(name string, data []byte) (*Config, error) {
	doc := make(map[string]any)
	if _, err := toml.Decode(string(data), &doc); err != nil {
		return nil, syntaxError(name, string(data), err)
	}
	c := defaults()
	var d decoder
	d.table(place{}, doc, reflect.ValueOf(c).Elem())
	if found, ok := doc["sensor"]; ok {
		d.sensors(found, c)
	} else {
		d.errs.add("sensor: missing, want at least one [[sensor]]")
	}
	c.env = e
	k := checker{Errors: d.errs, env: e, c: c, doc: doc}
	k.check()
	if len(k.Errors) > 0 {
		slices.SortStableFunc(k.Errors, func(a, b string) int { return rank(a) - rank(b) })
		return nil, fmt.Errorf("read %s: %w", name, k.Errors)
	}
	return c, nil
}

// Options decodes a line of TOML such as options = { bus = "1" }.
func Options(line string) (map[string]any, error) {
	var doc struct{ Options map[string]any }
	_, err := toml.Decode(line, &doc)
	return doc.Options, err
}

// secretLine matches a line of a configuration that may hold a secret, which
// must not be repeated in an error.
var secretLine = regexp.MustCompile(`(?i)pass|secret|token|@`)

// syntaxError returns "parse FILE:LINE:COLUMN: cause".
func syntaxError(name, data string, err error) error {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return fmt.Errorf("parse %s: %w", name, err)
	}
	message := strings.ToLower(pe.Message[:1]) + strings.TrimSuffix(pe.Message[1:], ".")
	lines := strings.Split(data, "\n")
	if n := pe.Position.Line; n < 1 || n > len(lines) || secretLine.MatchString(lines[n-1]) {
		message = "not valid TOML"
	}
	return fmt.Errorf("parse %s:%d:%d: %s", name, pe.Position.Line, pe.Position.Col, message)
}

// Errors are what is wrong with a configuration. A single error stands on
// the line it is reported on, several follow it with two spaces before each.
type Errors []string

func (l Errors) Error() string {
	if len(l) == 1 {
		return l[0]
	}
	return fmt.Sprintf("%d errors\n  %s", len(l), strings.Join(l, "\n  "))
}

func (l *Errors) add(format string, args ...any) {
	*l = append(*l, fmt.Sprintf(format, args...))
}

// rank puts the errors in the order of the example configuration: what is at
// the top, then each section, then each sensor.
func rank(text string) int {
	n := 0
	if _, err := fmt.Sscanf(text, "sensor %d", &n); err == nil {
		return maxConfig + n
	}
	before, _, _ := strings.Cut(text, ":")
	for i := range reflect.TypeFor[Config]().NumField() {
		if reflect.TypeFor[Config]().Field(i).Tag.Get("toml") == before {
			return i + 1
		}
	}
	return 0
}

// maxShown is how many characters of a value an error repeats.
const maxShown = 80

// show writes a value as it would stand in the file, without the secrets that
// a URL may hold.
func show(key string, found any) string {
	if key == "urls" {
		found = redact(found)
	}
	s := option.Format(found)
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + "…"
	}
	return s
}

// redact hides what may be a secret in a URL or a list of them.
func redact(x any) any {
	switch x := x.(type) {
	case string:
		return mqtt.Redact(x)
	case []any:
		hidden := make([]any, len(x))
		for i := range x {
			hidden[i] = redact(x[i])
		}
		return hidden
	}
	return x
}
