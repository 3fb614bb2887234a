package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// maxSyntax is the number of syntax errors after which the rest of a file is
// ignored.
const maxSyntax = 10

// A source is one file of the configuration.
type source struct {
	name   string // as it was given
	number int    // 0: the configuration itself, then those of conf.d
	text   string

	doc  map[string]any // decoded; nil: it cannot be
	root place
}

// decode decodes the file. On a syntax error it records the error, removes the
// statement and tries again, so that one error does not hide the others. It adds
// the size of the file to that of those before it.
func (f *source) decode(errs *Errors, all *extent) {
	f.text = strings.TrimPrefix(f.text, "\ufeff")
	r := &repair{file: f, text: []byte(f.text), cuts: make(map[int]int), removed: make(map[int]bool)}
	r.scan()
	all.tables += r.size.tables
	all.items += r.size.items
	if over := all.over(); over != "" {
		errs.addAt(f, r.line(r.statements[len(r.statements)-1].start), 0, over)
		return
	}
	for i := 0; i < len(r.statements); i++ { // remove may change those that follow
		st := r.statements[i]
		if st.broken == "" {
			continue
		}
		errs.addAt(f, r.line(st.start), 0, st.broken)
		if r.remove(st); len(r.removed) == maxSyntax {
			return
		}
	}
	for {
		doc := make(map[string]any)
		_, err := toml.Decode(string(r.text), &doc)
		if err == nil {
			f.doc, f.root = doc, place{file: f, node: r.root, line: 1}
			return
		}
		st, ok := r.syntaxError(errs, err)
		if !ok || len(r.removed) >= maxSyntax-1 {
			return
		}
		r.remove(st)
	}
}

// maySecret reports whether a line of a configuration may contain a secret,
// which errors must not show.
func maySecret(line string) bool {
	line = strings.ToLower(line)
	return slices.ContainsFunc([]string{"pass", "secret", "token", "@"}, func(word string) bool { return strings.Contains(line, word) })
}

// plainStart makes a sentence start in lower case, unless its first word is in
// capitals, such as TOML.
func plainStart(sentence string) string {
	first, n := utf8.DecodeRuneInString(sentence)
	second, _ := utf8.DecodeRuneInString(sentence[n:])
	if unicode.IsLower(second) {
		return string(unicode.ToLower(first)) + sentence[n:]
	}
	return sentence
}
