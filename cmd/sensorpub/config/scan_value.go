package config

import (
	"fmt"
	"strconv"
	"strings"
)

// path scans a dotted key and the spaces around it. It returns nil if there is
// no valid one.
func (s *scanner) path() (parts []string) {
	for {
		s.spaces()
		part, ok := s.keyPart()
		if !ok {
			return nil
		}
		parts = append(parts, part)
		if s.spaces(); !s.at(".") {
			break
		}
		s.pos++
	}
	if len(parts) > maxParts {
		s.broken = fmt.Sprintf("key of %d parts, want at most %d", len(parts), maxParts)
		return nil
	}
	return parts
}

// keyPart scans one part of a dotted key.
func (s *scanner) keyPart() (string, bool) {
	start := s.pos
	if s.at(`"`) || s.at("'") {
		s.quoted()
		return unquote(s.text[start:s.pos]), true
	}
	for s.pos < len(s.text) && isBare(s.text[s.pos]) {
		s.pos++
	}
	return s.text[start:s.pos], s.pos > start
}

// isBare reports whether a character may appear in a key without quotes.
func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// unquote returns a key without its quotes, as the decoder reads it.
func unquote(raw string) string {
	inner := strings.Trim(raw, raw[:1])
	if raw[0] == '\'' || !strings.Contains(raw, `\`) {
		return inner
	}
	var b strings.Builder
	inner = strings.TrimSuffix(raw[1:], `"`)
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' || i+1 == len(inner) {
			b.WriteByte(inner[i])
			continue
		}
		i++
		if at := strings.IndexByte(`btnfre"\`, inner[i]); at >= 0 {
			b.WriteByte("\b\t\n\f\r\x1b\"\\"[at])
			continue
		}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[inner[i]]
		code, err := strconv.ParseUint(inner[i+1:min(i+1+digits, len(inner))], 16, 32)
		if err != nil {
			return inner // not valid, as the decoder will say
		}
		b.WriteRune(rune(code))
		i += digits
	}
	return b.String()
}

// value scans a value at this depth of nesting.
func (s *scanner) value(n *node, depth int) {
	switch {
	case s.at(`"`) || s.at("'"):
		s.quoted()
	case (s.at("[") || s.at("{")) && depth == maxDepth:
		s.broken = fmt.Sprintf("nested more than %d deep", maxDepth)
		s.nested()
	case s.at("["):
		s.list(n, depth+1)
	case s.at("{"):
		s.inline(n, depth+1)
	default:
		for s.pos < len(s.text) && strings.IndexByte(",]}#\r\n", s.text[s.pos]) < 0 {
			s.pos++
		}
	}
}

// list scans [value, value].
func (s *scanner) list(n *node, depth int) {
	for s.pos++; ; {
		switch s.blank(); {
		case s.pos == len(s.text) || s.size.over() != "":
			return
		case s.at("]"):
			s.pos++
			return
		case s.at(",") || s.at("}"):
			s.pos++
		default:
			s.size.items++
			elem := &node{line: s.line(s.pos)}
			n.elems = append(n.elems, elem)
			s.value(elem, depth)
		}
	}
}

// inline scans {key = value, key = value}.
func (s *scanner) inline(n *node, depth int) {
	for s.pos++; ; {
		switch s.blank(); {
		case s.pos == len(s.text) || s.size.over() != "":
			return
		case s.at("}"):
			s.pos++
			return
		default:
			if s.pair(n, depth) == nil && s.pos < len(s.text) {
				s.pos++ // a comma, or an error
			}
		}
	}
}

// nested skips a list or a table of any depth.
func (s *scanner) nested() {
	for depth := 0; s.pos < len(s.text); {
		switch s.text[s.pos] {
		case '"', '\'':
			s.quoted()
			continue
		case '#':
			s.toLineEnd()
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if s.pos++; depth == 0 {
			return
		}
	}
}

// quoted skips a string. A single-line string ends with its line.
func (s *scanner) quoted() {
	quote := s.text[s.pos : s.pos+1]
	escapes := quote == `"`
	end, multi := quote, s.at(strings.Repeat(quote, 3))
	if multi {
		end = strings.Repeat(quote, 3)
	}
	for s.pos += len(end); s.pos < len(s.text); s.pos++ {
		switch {
		case escapes && s.at(`\`) && s.pos+1 < len(s.text):
			if s.text[s.pos+1] != '\n' || multi {
				s.pos++
			}
		case s.at(end):
			s.pos += len(end)
			for n := 0; multi && n < 2 && s.at(quote); n++ {
				s.pos++ // the string may end with up to two quotes of its own
			}
			return
		case !multi && s.at("\n"):
			return
		}
	}
}
