// Package terminal prepares text for people: it shows text from outside without
// letting it control the terminal, and arranges it in columns.
package terminal

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes text from outside, such as names, topics, payloads, units, and the
// errors of other programs, safe to print or log: it is unchanged or, if it has
// characters that are not printable, quoted as in Go. These are control characters,
// which may move the cursor or begin another line, characters that change the
// direction of writing, and bytes that are not UTF-8.
func Text(s string) string {
	if IsPlain(s) {
		return s
	}
	return strconv.Quote(s)
}

// IsPlain reports whether all characters of a text are printable.
func IsPlain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Lines applies Text to each line of a text whose line breaks are ours. Indentation
// is kept in front of quoted lines.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		lines[i] = line[:len(line)-len(text)] + Text(text)
	}
	return strings.Join(lines, "\n")
}

// Hint is Text for a hint. It leaves out sudo for root.
func Hint(s string, root bool) string {
	if root {
		s = strings.ReplaceAll(s, "sudo ", "")
	}
	return Text(s)
}
