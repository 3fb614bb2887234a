package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A rule says which values a key takes.
type rule struct {
	def   any    // the default, which has the type that is wanted
	min   string // closed limits; "": none
	max   string
	unit  string   // a duration must be a multiple of it
	oneof []string // the strings allowed; empty: all
}

// ruleOf returns the rule of a field that holds its default.
func ruleOf(f reflect.StructField, def reflect.Value) rule {
	return rule{
		def: def.Interface(),
		min: f.Tag.Get("min"), max: f.Tag.Get("max"), unit: f.Tag.Get("unit"),
		oneof: strings.Fields(f.Tag.Get("oneof")),
	}
}

// convert returns what TOML gave as a value of the rule's type. Its error says
// what would be right.
func (r rule) convert(found any) (any, error) {
	switch def := r.def.(type) {
	case string:
		return r.text(found)
	case bool:
		b, ok := found.(bool)
		return b, want(ok, "true or false")
	case int:
		n, err := r.integer(found)
		return int(n), err
	case int64:
		return r.integer(found)
	case time.Duration:
		return r.duration(found, def)
	case float64:
		return r.float(found)
	case *float64:
		f, ok := number(found)
		return &f, want(ok, "a number")
	case []string:
		s, ok := listOf(found, func(x any) (string, bool) { s, ok := x.(string); return s, ok })
		if len(r.oneof) > 0 {
			return r.words(found, s, ok)
		}
		return s, want(ok, `a list of strings such as ["%s"]`, strings.Join(def, `", "`))
	case [][]float64:
		pair := func(x any) ([]float64, bool) { return listOf(x, number) }
		p, ok := listOf(found, pair)
		return p, want(ok, "a list of pairs such as [[0.2, 0.0], [99.1, 100.0]]")
	case map[string]any:
		m, ok := found.(map[string]any)
		return m, want(ok, "a table such as { values = [28.4] }")
	}
	panic(fmt.Sprintf("config: no rule for a field of type %T", r.def))
}

// want returns the error that says what would be right, unless ok.
func want(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf("want "+format, args...)
}

func (r rule) text(found any) (string, error) {
	s, ok := found.(string)
	if len(r.oneof) > 0 {
		return s, want(ok && slices.Contains(r.oneof, s), "%s", oneOf(r.oneof))
	}
	return s, want(ok, "a string")
}

// words takes a list of the strings allowed, or one of them without brackets.
func (r rule) words(found any, list []string, ok bool) ([]string, error) {
	if s, isString := found.(string); isString {
		list, ok = []string{s}, true
	}
	unknown := func(s string) bool { return !slices.Contains(r.oneof, s) }
	return list, want(ok && !slices.ContainsFunc(list, unknown), "%s, or a list of them", oneOf(r.oneof))
}

// float reads the limits, of which a number has none, the lower or both.
func (r rule) float(found any) (float64, error) {
	f, ok := number(found)
	low, errLow := strconv.ParseFloat(cmp.Or(r.min, "-inf"), 64)
	high, errHigh := strconv.ParseFloat(cmp.Or(r.max, "inf"), 64)
	if err := errors.Join(errLow, errHigh); err != nil {
		panic("config: " + err.Error())
	}
	ok = ok && low <= f && f <= high
	switch {
	case r.min == "":
		return f, want(ok, "a number")
	case r.max == "":
		return f, want(ok, "a number, %s or more", r.min)
	}
	return f, want(ok, "a number from %s to %s", r.min, r.max)
}

// integer reads the limits, which every integer has.
func (r rule) integer(found any) (int64, error) {
	n, ok := found.(int64)
	low, errLow := strconv.ParseInt(r.min, 10, 64)
	high, errHigh := strconv.ParseInt(r.max, 10, 64)
	if err := errors.Join(errLow, errHigh); err != nil {
		panic("config: " + err.Error())
	}
	return n, want(ok && low <= n && n <= high, "an integer from %d to %d", low, high)
}

// duration takes a string with a unit. A bare number, which some read as
// seconds and some as nanoseconds, is refused, and so is "0".
func (r rule) duration(found any, def time.Duration) (time.Duration, error) {
	like := "10s"
	if def != 0 {
		like = shortDuration(def)
	}
	s, _ := found.(string)
	d, err := time.ParseDuration(s)
	bare := strings.Trim(s, "+-0") == ""
	low, high, unit := limit(r.min, 0), limit(r.max, math.MaxInt64), limit(r.unit, 1)
	switch {
	case err == nil && d > high:
		return 0, fmt.Errorf("want a duration such as %q, %s or less", like, r.max)
	case err != nil || bare || d < low:
		return 0, fmt.Errorf("want a duration such as %q, %s or more", like, cmp.Or(r.min, "0s"))
	case d%unit != 0:
		return 0, fmt.Errorf("want a duration such as %q, a multiple of %s", like, r.unit)
	}
	return d, nil
}

// limit reads a duration of a tag.
func limit(tag string, none time.Duration) time.Duration {
	if tag == "" {
		return none
	}
	d, err := time.ParseDuration(tag)
	if err != nil {
		panic("config: " + err.Error())
	}
	return d
}

// shortDuration writes a duration without the zeros at its end: "5m", "24h".
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// number accepts 28 where 28.0 is meant, but neither nan nor inf.
func number(x any) (float64, bool) {
	switch n := x.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, n-n == 0
	}
	return 0, false
}

func listOf[T any](x any, each func(any) (T, bool)) ([]T, bool) {
	elems, ok := x.([]any)
	out := make([]T, len(elems))
	for i, e := range elems {
		var good bool
		out[i], good = each(e)
		ok = ok && good
	}
	return out, ok
}
