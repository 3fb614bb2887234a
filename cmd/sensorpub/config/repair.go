package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
)

// A repair makes a text decodable by removing the statements that are not.
type repair struct {
	file *source
	text []byte // with removed statements replaced by spaces
	*scanner

	cuts    map[int]int  // ends of statements that would run into the next section, by their start
	removed map[int]bool // starts of the removed statements
}

// scan scans the original text with what is known by now.
func (r *repair) scan() {
	r.scanner = scan(r.file.text, r.cuts)
	for _, st := range r.statements {
		if r.removed[st.start] {
			st.markRemoved()
		}
	}
}

// markRemoved notes in the nodes that a statement was removed.
func (st statement) markRemoved() {
	switch {
	case st.node != nil:
		st.node.wrong = true
	case st.table != nil:
		st.table.garbled = true
	}
	if st.list != nil {
		st.list.elems = slices.DeleteFunc(st.list.elems, func(n *node) bool { return n == st.node })
	}
}

// nextHeader returns where a line break stands that is followed by what looks
// like a header, or -1.
func nextHeader(text string) int {
	for at := strings.IndexByte(text, '\n'); at >= 0; {
		line, _, _ := strings.Cut(text[at+1:], "\n")
		if looksLikeHeader(line) {
			return at
		}
		next := strings.IndexByte(text[at+1:], '\n')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return -1
}

// looksLikeHeader reports whether a line is a bare name in single or double
// brackets, and perhaps a comment.
func looksLikeHeader(line string) bool {
	line, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "[")
	name, rest, closed := strings.Cut(strings.TrimPrefix(line, "["), "]")
	rest = strings.Trim(strings.TrimPrefix(rest, "]"), " \t\r")
	name = strings.TrimLeft(name, " \t")
	bare := func(r rune) bool { return strings.ContainsRune(". \t", r) || r <= 0x7f && isBare(byte(r)) }
	return ok && closed && (rest == "" || rest[0] == '#') &&
		name != "" && !strings.ContainsAny(name[:1], "0123456789.-") && strings.TrimFunc(name, bare) == ""
}

// remove replaces a statement by spaces, and a header together with its table.
// A statement that runs into the next section, because a bracket is missing,
// ends before that.
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
	} else if at := nextHeader(r.file.text[st.start:st.end]); at >= 0 && st.node != nil {
		end = st.start + at
		r.cuts[st.start] = end
	}
	for at := st.start; at < end; at++ {
		if r.text[at] != '\n' {
			r.text[at] = ' '
		}
	}
	r.removed[st.start] = true
	if r.cuts[st.start] > 0 {
		r.scan()
	} else {
		st.markRemoved()
	}
}

// syntaxError records an error of the decoder and returns the statement that
// contains it. It takes only the offset from the decoder, whose line and column
// are sometimes those of the line before.
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
	if strings.Contains(pe.Message, "EOF") && ok { // no end was found, so point at the start
		line, column = r.line(st.start), 0
	}
	message := plainStart(strings.TrimSuffix(pe.Message, "."))
	if strings.Contains(message, "cannot contain newlines") {
		message = "the quote that ends this string is missing"
	}
	written := strings.Split(text, "\n")[line-1]
	if missing, ok := withoutQuotes(written); ok {
		message = missing
	}
	if maySecret(written) {
		message = "not valid TOML"
	}
	errs.addAt(r.file, line, column, message)
	return st, ok && !r.removed[st.start]
}

// withoutQuotes returns what to say about a line whose value is a word without
// quotes, such as interval = 10s, and whether it is.
func withoutQuotes(line string) (message string, ok bool) {
	key, value, _ := strings.Cut(line, "=")
	value, _, _ = strings.Cut(value, "#")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if strings.ContainsAny(key+value, "\"'[]{},=\\") || !strings.ContainsFunc(value, unicode.IsLetter) {
		return "", false
	}
	want := strconv.Quote(value) + ", with quotes"
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "on", "off":
		want = "true or false"
	}
	return fmt.Sprintf("%s = %s: want %s", key, value, want), true
}

// statementAt returns the statement at an offset, or the last one before it.
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
