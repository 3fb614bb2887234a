package config

import (
	"fmt"
	"strings"
)

// A place is where keys are: in a section, or at the top if section is "", and
// possibly in a named table there.
type place struct {
	file    *source
	section string // "broker", or sensor 1 ("outside")
	table   string // "tls."
	node    *node  // nil: not in the file
	line    int    // of its header, or of the header it would be under
}

// below returns the place of the keys in the named table.
func (p place) below(name string) place {
	q := place{p.file, p.section, p.table + name + ".", p.node.key(name), p.lineOf(name)}
	if p.section == "" {
		q.section, q.table = name, ""
	}
	return q
}

// has reports whether the key is in the file.
func (p place) has(key string) bool { return p.node.key(key) != nil }

// lacks reports whether the key is certainly missing.
func (p place) lacks(key string) bool { return !p.has(key) && (p.node == nil || !p.node.garbled) }

// isWrong reports whether there was an error about the key.
func (p place) isWrong(key string) bool { return p.has(key) && p.node.key(key).wrong }

// lineOf returns the line of the key or, if it is missing, of its section.
func (p place) lineOf(key string) int {
	if n := p.node.key(key); n != nil && n.line > 0 {
		return n.line
	}
	return p.line
}

// isBareKey reports whether a key can be written without quotes.
func isBareKey(key string) bool {
	return key != "" && len(key) <= 64 && strings.IndexFunc(key, func(r rune) bool {
		return r > 0x7f || !isBare(byte(r))
	}) < 0
}

// key returns how errors name the key: "broker: tls.ca_file".
func (p place) key(name string) string {
	if !isBareKey(name) {
		name = show("", name)
	}
	if p.section == "" {
		return name
	}
	return p.section + ": " + p.table + name
}

// sensorSection names a sensor by its number, from 1, and its name.
func sensorSection(number int, name any) string {
	if s, ok := name.(string); ok {
		return fmt.Sprintf("sensor %d (%s)", number, show("name", s))
	}
	return fmt.Sprintf("sensor %d", number)
}
