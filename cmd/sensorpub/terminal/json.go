package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// JSON returns a value as one line of JSON, with characters that are not printable
// escaped.
func JSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("terminal: " + err.Error()) // a value of ours that JSON does not have
	}
	return EscapeJSON(strings.TrimSuffix(b.String(), "\n"))
}

// EscapeJSON escapes characters that are not printable in a line of JSON. They can
// only occur in its strings.
func EscapeJSON(s string) string {
	if IsPlain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
