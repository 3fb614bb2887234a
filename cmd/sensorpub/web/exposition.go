package web

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An exposition is metrics in the text format of Prometheus:
// https://prometheus.io/docs/instrumenting/exposition_formats/.
type exposition struct{ b []byte }

// Kinds of metrics.
const (
	counter   = "counter"
	gauge     = "gauge"
	histogram = "histogram"
	summary   = "summary"
)

// A label is one of a sample.
type label struct{ name, value string }

// family begins a metric. Its samples follow.
func (e *exposition) family(name, kind, help string) {
	e.b = append(e.b, "# HELP "+name+" "...)
	e.b = append(e.b, escape(help, helpEscapes)...)
	e.b = append(e.b, "\n# TYPE "+name+" "+kind+"\n"...)
}

// sample adds a sample. Its name is that of the family, with a suffix if it is
// part of a histogram or a summary.
func (e *exposition) sample(name string, value float64, labels ...label) {
	e.b = append(e.b, name...)
	for i, l := range labels {
		e.b = append(e.b, "{,"[min(i, 1)])
		e.b = append(e.b, l.name+`="`...)
		e.b = append(e.b, escape(l.value, labelEscapes)...)
		e.b = append(e.b, '"')
	}
	if len(labels) > 0 {
		e.b = append(e.b, '}')
	}
	e.b = append(e.b, ' ')
	e.b = appendValue(e.b, value)
	e.b = append(e.b, '\n')
}

// one adds a metric with one sample and no labels.
func (e *exposition) one(name, kind, help string, value float64) {
	e.family(name, kind, help)
	e.sample(name, value)
}

// appendValue writes a number as Go does, with the names of Prometheus for NaN and
// infinity.
func appendValue(b []byte, v float64) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64) // NaN is NaN
}

// What is escaped in a help text and in the value of a label.
var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

// escape returns a text with its escapes, in UTF-8.
func escape(s string, escapes *strings.Replacer) string {
	return escapes.Replace(strings.ToValidUTF8(s, string(utf8.RuneError)))
}

// metricName turns any text into a part of a metric's name.
func metricName(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, s)
}
