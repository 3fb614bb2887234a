package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one error in a configuration.
type Error struct {
	File string // as it was named to Load or Parse
	Line int    // counted from 1
	Text string

	column int // counted from 1; 0 unless the syntax is wrong

	file int // number of the file, for the order
}

func (e Error) String() string {
	if e.column > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.column, e.Text)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Errors is all the errors of a configuration, by file and line. A single error
// is printed on the line that reports it, several below it, indented.
type Errors []Error

// maxErrors is how many errors are reported. A file with more is probably not a
// configuration.
const maxErrors = 1000

// full reports whether there are enough errors.
func (l Errors) full() bool { return len(l) >= maxErrors }

func (l Errors) Error() string {
	if len(l) == 1 {
		return l[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d errors", l[0].File, len(l))
	for _, e := range l[:min(len(l), maxErrors)] {
		b.WriteString("\n  " + e.String())
	}
	if more := len(l) - maxErrors; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// add records an error about a key, or about the place itself if key is "".
func (l *Errors) add(p place, key, format string, args ...any) {
	if n := p.node.key(key); n != nil {
		n.wrong = true
	}
	l.addAt(p.file, p.lineOf(key), 0, fmt.Sprintf(format, args...))
}

func (l *Errors) addAt(f *source, line, column int, text string) {
	*l = append(*l, Error{f.name, line, text, column, f.number})
}

// wrong records an error about the value of a key, with what would be right.
func (l *Errors) wrong(p place, key string, found any, format string, args ...any) {
	l.add(p, key, "%s = %s: %s", p.key(key), show(key, found), fmt.Sprintf(format, args...))
}

// wrongElem records an error about an element of a list, which may be on a line
// of its own.
func (l *Errors) wrongElem(p place, key string, i int, found, want string) {
	line := p.lineOf(key)
	if n := p.node.key(key).elem(i); n != nil {
		line = n.line
	}
	l.addAt(p.file, line, 0, fmt.Sprintf("%s: %s: %s", p.key(key), show(key, found), want))
}

// sorted returns the errors in the order of files and lines.
func (l Errors) sorted() Errors {
	slices.SortStableFunc(l, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.Line, b.Line))
	})
	return l
}
