package config

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// A repair makes a text decodable by taking out the statements that are not.
type repair struct {
	file *source
	text []byte // with spaces in the place of what was taken out
	*scanner

	cuts    map[int]int  // where statements end that would go on into the next section, by their start
	removed map[int]bool // starts of the statements that were taken out
}

// scan scans the text as it was, with what is known of it by now.
func (r *repair) scan() {
	r.scanner = scan(r.file.text, r.cuts)
	for _, st := range r.statements {
		switch {
		case !r.removed[st.start]:
		case st.node != nil:
			st.node.wrong = true
		case st.table != nil:
			st.table.garbled = true
		}
		if list := st.list; list != nil && r.removed[st.start] {
			list.elems = slices.DeleteFunc(list.elems, func(n *node) bool { return n == st.node })
		}
	}
}

// headerLine matches a line that looks like a header.
var headerLine = regexp.MustCompile(`\n[ \t]*\[\[?[ \t]*[A-Za-z_][A-Za-z0-9_. \t-]*\]\]?[ \t\r]*(#.*)?(\n|$)`)

// remove writes spaces over a statement, and where that is a header over its
// table. What goes on into the next section, as without its last bracket, ends
// there.
func (r *repair) remove(st statement) {
	end := st.end
	if st.header {
		for _, next := range r.statements {
			if next.start > st.start && next.header {
				end = next.start
				break
			}
			end = max(end, next.end)
		}
	} else if at := headerLine.FindStringIndex(r.file.text[st.start:st.end]); at != nil && st.node != nil {
		end = st.start + at[0]
		r.cuts[st.start] = end
	}
	for at := st.start; at < end; at++ {
		if r.text[at] != '\n' {
			r.text[at] = ' '
		}
	}
	r.removed[st.start] = true
	r.scan()
}

// syntaxError notes an error of the decoder and returns the statement that has
// it. The decoder's own line and column are at times those of the line before.
func (r *repair) syntaxError(errs *Errors, err error) (statement, bool) {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		errs.addAt(r.file, 1, 0, err.Error())
		return statement{}, false
	}
	text := r.file.text
	at := min(max(pe.Position.Start, 0), len(text))
	st, ok := r.statementAt(at)
	line, column := r.line(at), r.column(at)
	if strings.Contains(pe.Message, "EOF") && ok { // it has no end, so its start is what helps
		line, column = r.line(st.start), 0
	}
	message := plainStart(strings.TrimSuffix(pe.Message, "."))
	if secretLine.MatchString(strings.Split(text, "\n")[line-1]) {
		message = "not valid TOML"
	}
	errs.addAt(r.file, line, column, message)
	return st, ok && !r.removed[st.start]
}

// statementAt returns the statement at an offset, or the last before it.
func (r *repair) statementAt(at int) (statement, bool) {
	i, found := slices.BinarySearchFunc(r.statements, at, func(st statement, at int) int { return st.start - at })
	if !found {
		i--
	}
	if i < 0 {
		return statement{}, false
	}
	return r.statements[i], true
}
