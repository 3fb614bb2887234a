package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// A page is a manual page in mdoc(7).
type page struct{ strings.Builder }

// newPage begins a page of a section of the manual.
func newPage(name, section, summary string, date time.Time) *page {
	p := new(page)
	p.macro("Dd", date.Format("January 2, 2006"))
	p.macro("Dt", strings.ToUpper(name), section)
	p.macro("Os")
	p.macro("Sh", "NAME")
	p.macro("Nm", name)
	p.macro("Nd", summary)
	return p
}

// macro writes a line that begins with a macro. Arguments may contain blanks and
// quotes.
func (p *page) macro(name string, args ...string) {
	p.WriteString("." + name)
	for _, a := range args {
		a = strings.ReplaceAll(a, `"`, `\(dq`)
		if a == "" || strings.ContainsAny(a, " ") {
			a = `"` + a + `"`
		}
		p.WriteString(" " + a)
	}
	p.WriteByte('\n')
}

// width is how long a word is as mandoc counts it, \[u00B0] for a °.
func width(word string) (n int) {
	for _, r := range word {
		n++
		if r > unicode.MaxASCII {
			n += len(`\[u00B0]`) - 1
		}
	}
	return n
}

// lineLength is how long a line of text may be: mandoc -T lint warns above 80.
const lineLength = 78

// text writes a paragraph, each sentence on a new line, as mdoc wants it.
func (p *page) text(s string) {
	line := ""
	flush := func() {
		if line == "" {
			return
		}
		if line[0] == '.' || line[0] == '\'' {
			line = `\&` + line
		}
		fmt.Fprintln(p, line)
		line = ""
	}
	for _, word := range strings.Fields(strings.ReplaceAll(s, `\`, `\e`)) {
		if line != "" && width(line)+1+width(word) > lineLength {
			flush()
		}
		line = strings.TrimPrefix(line+" "+word, " ")
		if strings.ContainsAny(word[len(word)-1:], ".!?") {
			flush()
		}
	}
	flush()
}

// block writes a text of several paragraphs. Lines with a command to copy, such as
// "bash: sensorpub completion bash > …", stay lines.
func (p *page) block(s string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			p.macro("Pp")
		}
		var filled []string
		for line := range strings.Lines(paragraph) {
			line = strings.TrimSpace(line)
			if strings.Contains(line, ": ") && strings.Contains(line, " > ") {
				p.text(strings.Join(filled, " "))
				filled = nil
				p.macro("Dl", line)
				continue
			}
			filled = append(filled, line)
		}
		p.text(strings.Join(filled, " "))
	}
}
