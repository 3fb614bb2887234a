// Package terminal prepares text for people: it shows what came from outside
// without letting it act on the terminal, and arranges it in columns.
package terminal

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns text from outside, such as names, topics, payloads, units, and the
// errors of others, as it may be printed or logged: as it is or, if it has
// characters that are not printed, quoted as Go does. These are control
// characters, which may move the cursor or begin another line, those that turn
// the direction of writing, and bytes that are not UTF-8.
func Text(s string) string {
	if IsPlain(s) {
		return s
	}
	return strconv.Quote(s)
}

// IsPlain reports whether all characters of a text are printed.
func IsPlain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Lines is Text for each line of a text whose lines are ours. What is quoted
// keeps the blanks before it.
func Lines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		lines[i] = line[:len(line)-len(text)] + Text(text)
	}
	return strings.Join(lines, "\n")
}

// Hint is Text for what to do. To root it does not say sudo.
func Hint(s string, root bool) string {
	if root {
		s = strings.ReplaceAll(s, "sudo ", "")
	}
	return Text(s)
}
