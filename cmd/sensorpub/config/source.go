package config

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// maxSyntax is after how many errors of syntax the rest of a file is not
// looked at.
const maxSyntax = 10

// A source is the text of a file of the configuration.
type source struct {
	name   string // as it was given
	number int    // 0: the configuration itself, then those of conf.d
	text   string

	doc  map[string]any // what it says; nil: it cannot be read
	root place
}

// decode reads the file. Where its syntax is wrong it notes the error, takes
// out the statement and tries again, so that one error does not hide others.
func (f *source) decode(errs *Errors) {
	f.text = strings.TrimPrefix(f.text, "\ufeff")
	r := &repair{file: f, text: []byte(f.text), cuts: make(map[int]int), removed: make(map[int]bool)}
	r.scan()
	for i := 0; i < len(r.statements) && len(r.removed) < maxSyntax; i++ {
		if st := r.statements[i]; st.broken != "" && !r.removed[st.start] {
			errs.addAt(f, r.line(st.start), 0, st.broken)
			r.remove(st)
			i = -1 // the statements may be others now
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

// secretLine matches a line of a configuration that may hold a secret, which
// must not be repeated in an error.
var secretLine = regexp.MustCompile(`(?i)pass|secret|token|@`)

// plainStart writes a sentence as the end of another. A first word in capitals,
// such as TOML, stays.
func plainStart(sentence string) string {
	first, n := utf8.DecodeRuneInString(sentence)
	second, _ := utf8.DecodeRuneInString(sentence[n:])
	if unicode.IsLower(second) {
		return string(unicode.ToLower(first)) + sentence[n:]
	}
	return sentence
}
