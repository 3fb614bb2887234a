package drivers

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"sensorpub/sensors"
)

var errNoNumber = errors.New("empty, want a number")

// A notNumber is the error for a text that is not a number.
type notNumber string

func (n notNumber) Error() string { return fmt.Sprintf("got %.60q, want a number", string(n)) }

// unquoted returns the error without the text: a path in a configuration may lead to a
// secret, which must not get into the log.
func unquoted(err error) error {
	var n notNumber
	if errors.As(err, &n) {
		return fmt.Errorf("got text of %d bytes, want a number", len(n))
	}
	return err
}

// parseNumber reads one decimal number, which may have white space around it, such as
// "28375", "-7490.000000000" or "1.5e3": the kernel writes integers in one version
// and decimals in the next. NaN, infinity and numbers too large for a float64 are
// rejected.
func parseNumber(text []byte) (float64, error) {
	word := string(bytes.TrimSpace(text))
	if word == "" {
		return 0, errNoNumber
	}
	v, err := strconv.ParseFloat(word, 64)
	switch {
	case strings.ContainsAny(word, "xX_") || err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, notNumber(word)
	case err != nil:
		return 0, reject(sensors.OutRange, "%.20s is too large", word)
	case math.IsNaN(v) || math.IsInf(v, 0):
		return 0, reject(sensors.NotNumber, "%s", word)
	}
	return v + 0, nil // -0 becomes 0
}

// withoutMark removes the byte order mark that some editors put before UTF-8.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// readNumber reads a kernel file that holds one number.
func readNumber(file string) (float64, error) { return Host{}.number(file) }

// number reads a kernel file that holds one number and may take long to read.
func (h Host) number(file string) (float64, error) {
	text, err := h.readFile(file)
	if err != nil {
		return 0, err
	}
	v, err := parseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}
