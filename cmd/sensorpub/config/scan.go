package config

import (
	"fmt"
	"slices"
	"strings"
)

// BurntSushi's decoder has lines for syntax errors but not for keys, which it
// knows by path only, and all [[sensor]] share one path. So the text is scanned
// once more to find the line of each key. The scanner knows just enough TOML
// 1.1 for that, and leaves errors to the decoder.

// Limits far above what a configuration needs and far below what makes the
// decoder slow: 5,000 nested tables take it 10 s and 770 MB. A reload takes up to
// 1.6 KB for a table and 0.7 KB for a key, beside the running daemon.
const (
	maxDepth  = 16     // nested lists and tables in a value
	maxParts  = 16     // parts of a dotted key or a header
	maxTables = 10_000 // headers, in all files
	maxItems  = 40_000 // keys and list elements, in all files
)

// An extent is how much there is in a text.
type extent struct{ tables, items int }

// over says which limit is passed, or returns "".
func (z extent) over() string {
	switch {
	case z.tables > maxTables:
		return fmt.Sprintf("more than %d tables", maxTables)
	case z.items > maxItems:
		return fmt.Sprintf("more than %d keys and list elements", maxItems)
	}
	return ""
}

// A node is the position of a key or a list element, with everything below it.
type node struct {
	line    int  // counted from 1; for a table, that of its header
	wrong   bool // there was an error about it
	garbled bool // a table in which a line could not be understood
	keys    map[string]*node
	elems   []*node
}

// key returns the node of a key, or nil.
func (n *node) key(name string) *node {
	if n == nil {
		return nil
	}
	return n.keys[name]
}

// elem returns the node of the i-th element, or nil.
func (n *node) elem(i int) *node {
	if n == nil || i >= len(n.elems) {
		return nil
	}
	return n.elems[i]
}

// table returns the table of a key, and makes it if need be. For a list of
// tables it is the last one.
func (n *node) table(name string, line int) *node {
	child := n.keys[name]
	if child == nil {
		child = &node{line: line}
		if n.keys == nil {
			n.keys = make(map[string]*node)
		}
		n.keys[name] = child
	}
	if len(child.elems) > 0 {
		return child.elems[len(child.elems)-1]
	}
	return child
}

// A statement is a header or a key with its value.
type statement struct {
	start, end int    // offsets in the text
	header     bool   // it begins a table
	broken     string // why the decoder must not see it; "": it may see it
	node       *node  // the key or the table; nil: not understood
	table      *node  // that contains the key
	list       *node  // for a [[header]], the list with node as an element
}

// A scanner finds the positions of keys in a TOML text.
type scanner struct {
	text       string
	pos        int
	newlines   []int // their offsets
	root       *node
	statements []statement
	size       extent // it stops at a limit
	broken     string // why the current statement must not be decoded
}

// scan scans a text. A statement that starts at a key of cuts ends at the
// offset given there.
func scan(text string, cuts map[int]int) *scanner {
	s := &scanner{text: text, root: &node{line: 1}}
	for i := range len(text) {
		if text[i] == '\n' {
			s.newlines = append(s.newlines, i)
		}
	}
	table := s.root
	for s.blank(); s.pos < len(s.text) && s.size.over() == ""; s.blank() {
		st := statement{start: s.pos}
		s.broken = ""
		if s.text[s.pos] == '[' {
			st.header = true
			s.size.tables++
			st.node, st.list = s.header()
			if table = st.node; table == nil {
				table = new(node) // what follows belongs nowhere
			}
		} else {
			st.table = table
			st.node = s.pair(table, 0)
		}
		if end, ok := cuts[st.start]; ok {
			st.node.keys, st.node.elems, s.pos = nil, nil, end
		} else {
			s.toLineEnd()
		}
		st.end, st.broken = s.pos, s.broken
		s.statements = append(s.statements, st)
	}
	return s
}

// line returns the line number of an offset, counted from 1.
func (s *scanner) line(at int) int {
	n, _ := slices.BinarySearch(s.newlines, at)
	return n + 1
}

// column returns the column of an offset in characters, counted from 1.
func (s *scanner) column(at int) int {
	return len([]rune(s.text[strings.LastIndexByte(s.text[:at], '\n')+1:at])) + 1
}

// at reports whether the text continues with these characters.
func (s *scanner) at(what string) bool { return strings.HasPrefix(s.text[s.pos:], what) }

// spaces skips spaces and tabs.
func (s *scanner) spaces() { s.skip(" \t") }

func (s *scanner) skip(any string) {
	for s.pos < len(s.text) && strings.IndexByte(any, s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// blank skips white space, line ends and comments.
func (s *scanner) blank() {
	for s.skip(" \t\r\n"); s.at("#"); s.skip(" \t\r\n") {
		s.toLineEnd()
	}
}

// toLineEnd skips the rest of the line.
func (s *scanner) toLineEnd() {
	if i := strings.IndexByte(s.text[s.pos:], '\n'); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.text)
	}
}

// header scans [a.b] or [[a.b]] and returns the table that it begins and, for
// [[a.b]], the list that contains it.
func (s *scanner) header() (table, list *node) {
	line := s.line(s.pos)
	end := "]"
	s.pos++
	if s.at("[") {
		s.pos++
		end = "]]"
	}
	path := s.path()
	if len(path) == 0 || !s.at(end) {
		return nil, nil
	}
	s.pos += len(end)
	parent := s.root
	for _, name := range path[:len(path)-1] {
		parent = parent.table(name, line)
	}
	name := path[len(path)-1]
	if end == "]" {
		table = parent.table(name, line)
		table.line = line
		return table, nil
	}
	if list = parent.keys[name]; list == nil {
		parent.table(name, line)
		list = parent.keys[name]
	}
	table = &node{line: line}
	list.elems = append(list.elems, table)
	return table, list
}

// pair scans a.b = value into a table and returns the node of b.
func (s *scanner) pair(table *node, depth int) *node {
	line := s.line(s.pos)
	path := s.path()
	if len(path) == 0 {
		return nil
	}
	s.size.items++
	for _, name := range path[:len(path)-1] {
		table = table.table(name, line)
	}
	table.table(path[len(path)-1], line)
	n := table.keys[path[len(path)-1]]
	if s.at("=") {
		s.pos++
		s.spaces()
		s.value(n, depth)
	}
	return n
}
