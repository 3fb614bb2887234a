package terminal

import (
	"bytes"
	"io"
	"strconv"
	"sync"
	"unicode"
	"unicode/utf8"
)

// A Guard writes text for people. It replaces characters that are not printable,
// except line ends and tabs, with escapes, so that a forgotten call of [Text] does not
// let outsiders control the terminal.
type Guard struct {
	W io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a character
}

// Write implements [io.Writer].
func (g *Guard) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	text := p
	if len(g.rest) > 0 {
		text = append(g.rest, p...)
		g.rest = nil
	}
	if n := len(text); n > 0 && !utf8.FullRune(text[lastRune(text):]) {
		at := lastRune(text)
		text, g.rest = text[:at:at], bytes.Clone(text[at:])
	}
	if _, err := g.W.Write(escape(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// lastRune returns where the last character begins.
func lastRune(p []byte) int {
	at := len(p) - 1
	for at > 0 && at > len(p)-utf8.UTFMax && !utf8.RuneStart(p[at]) {
		at--
	}
	return at
}

// escape replaces what is not printed.
func escape(text []byte) []byte {
	good := true
	for rest := text; len(rest) > 0 && good; {
		r, n := utf8.DecodeRune(rest)
		good, rest = isHarmless(r, n), rest[n:]
	}
	if good {
		return text
	}
	var out []byte
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if isHarmless(r, n) {
			out = append(out, text[:n]...)
		} else {
			quoted := strconv.AppendQuote(nil, string(text[:n]))
			out = append(out, quoted[1:len(quoted)-1]...)
		}
		text = text[n:]
	}
	return out
}

// isHarmless reports whether a character of n bytes only shows itself.
func isHarmless(r rune, n int) bool {
	return r == '\n' || r == '\t' || unicode.IsPrint(r) && (r != utf8.RuneError || n > 1)
}
