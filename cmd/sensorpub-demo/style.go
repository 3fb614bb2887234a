package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A style is the parameters of the terminal's SGR sequence (ECMA-48, 8.3.117).
type style string

const (
	plain style = ""
	bold  style = "1"
	faint style = "2"
	good  style = "32"
	bad   style = "33"
	level style = "38;5;110" // of a curve that is not a temperature
)

// heat has the colours of temperatures, each up to its limit in °C, as numbers
// of the 256-colour palette.
var heat = []struct {
	below  float64
	colour int
}{{0, 27}, {4, 33}, {8, 39}, {12, 44}, {16, 43}, {20, 78}, {24, 148}, {28, 220}, {33, 214}, {45, 208}, {55, 202}}

// hue returns the style of a value; temperatures go from blue to red.
func hue(quantity string, v float64) style {
	if quantity != "temperature" {
		return level
	}
	for _, h := range heat {
		if v < h.below {
			return style("38;5;" + strconv.Itoa(h.colour))
		}
	}
	return "38;5;196"
}

// A span is text in one style. All its characters are one column wide.
type span struct {
	style style
	text  string
}

type line []span

// width returns the width of the line in columns.
func (l line) width() (n int) {
	for _, s := range l {
		n += utf8.RuneCountInString(s.text)
	}
	return n
}

// fit returns the line cut to width columns.
func (l line) fit(width int) line {
	if l.width() <= width {
		return l
	}
	var out line
	for _, s := range l {
		runes := []rune(s.text)
		if len(runes) < width {
			out, width = append(out, s), width-len(runes)
			continue
		}
		if width > 0 {
			out = append(out, span{s.style, string(runes[:width-1]) + "…"})
		}
		break
	}
	return out
}

// String returns the line for a terminal, with escape sequences if coloured.
func (l line) String(coloured bool) string {
	var b strings.Builder
	for _, s := range l {
		if s.style == plain || !coloured {
			b.WriteString(s.text)
		} else {
			b.WriteString("\x1b[" + string(s.style) + "m" + s.text + "\x1b[m")
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// wrap breaks text at spaces into lines of at most width columns.
func wrap(text string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last >= 0 && utf8.RuneCountInString(lines[last]+" "+word) <= width {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
