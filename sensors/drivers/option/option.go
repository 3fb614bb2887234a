// Package option checks what a user wrote against a table of options, formats
// values as TOML has them, and suggests what a misspelt name was meant to be.
// It knows nothing of probes and imports the standard library only.
package option

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Option is one key of a driver's options table.
type Option struct {
	Name string
	// Default has the type of the option: string, int64, float64, bool,
	// time.Duration, []float64 or []string.
	Default any
	// Example is shown and tested in place of a default that does not work by
	// itself, such as an empty path. Nil: the default works.
	Example  any
	Required bool     // the driver refuses the default; there is an Example
	Min      float64  // of a number, or of a duration in seconds
	Max      float64  // the same, or +Inf; Min and Max both 0: no limit
	OneOf    []string // the strings allowed; empty: any
	// Meant returns the one of OneOf that another spelling means, or "". May be nil.
	Meant  func(string) string
	Hex    bool   // an integer that people write as 0x76
	Digits bool   // a string that looks like a number: "1"
	Doc    string // one line
}

// Values are checked options, each with the type of its default.
type Values struct {
	all   map[string]any
	given map[string]bool
}

// Value returns an option with the type of its default, or nil if the table
// does not have it.
func (v Values) Value(name string) any { return v.all[name] }

// The getters panic if the table has no such name or another type.

func (v Values) String(name string) string          { return v.all[name].(string) }
func (v Values) Int(name string) int64              { return v.all[name].(int64) }
func (v Values) Float(name string) float64          { return v.all[name].(float64) }
func (v Values) Bool(name string) bool              { return v.all[name].(bool) }
func (v Values) Duration(name string) time.Duration { return v.all[name].(time.Duration) }
func (v Values) Floats(name string) []float64       { return v.all[name].([]float64) }
func (v Values) Strings(name string) []string       { return v.all[name].([]string) }

// Given reports whether the user wrote the option, even if set to its default.
func (v Values) Given(name string) bool { return v.given[name] }

// Check compares what the user wrote, as decoded from TOML, with the table. It
// returns the defaults overridden by the user's values, and all errors.
func Check(table []Option, given map[string]any) (Values, []error) {
	v := Values{make(map[string]any, len(table)), make(map[string]bool, len(given))}
	var names []string
	for _, o := range table {
		v.all[o.Name] = o.Default
		names = append(names, o.Name)
	}
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(given)) {
		i := slices.Index(names, key)
		if i < 0 {
			errs = append(errs, unknown(key, names))
			continue
		}
		value, err := table[i].Convert(given[key])
		if err != nil {
			errs = append(errs, fmt.Errorf("options.%s = %s: %w", key, table[i].Format(given[key]), err))
			continue
		}
		v.all[key], v.given[key] = value, true
	}
	return v, errs
}

func unknown(key string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("options.%s: unknown key, the driver has no options", key)
	}
	return fmt.Errorf("options.%s: unknown key, %s", key, Suggest(key, names))
}

// Convert returns a value decoded from TOML as the option's type. Its error says
// what would be right.
func (o Option) Convert(x any) (any, error) {
	switch def := o.Default.(type) {
	case string:
		s, ok := x.(string)
		if !ok && o.Digits {
			return nil, o.quoted(x)
		}
		if !ok || !o.allows(s) {
			return nil, o.spelt(o.want("a string"), x)
		}
		return s, nil
	case bool:
		b, ok := x.(bool)
		if !ok {
			return nil, o.want("true or false")
		}
		return b, nil
	case int64:
		n, ok := x.(int64)
		if !ok || !o.within(float64(n)) {
			return nil, o.meant(x, o.want("an integer"))
		}
		return n, nil
	case float64:
		f, ok := number(x)
		if !ok || !o.within(f) {
			return nil, o.want("a number")
		}
		return f, nil
	case time.Duration:
		return o.duration(x, def)
	case []float64:
		return convertList(x, number, o.want("a list of numbers such as [28.4, 28.5]"))
	case []string:
		kind := "a list of strings"
		if len(def) > 0 {
			kind += " such as " + Format(def)
		}
		elems, _ := x.([]any)
		return convertList(x, func(e any) (string, bool) { s, ok := e.(string); return s, ok && o.allows(s) }, o.spelt(o.want(kind), elems...))
	}
	panic("option: " + o.Name + " has a default of an unknown type")
}

// spelt returns the error of strings that are not allowed, or what another spelling
// among them means.
func (o Option) spelt(want error, found ...any) error {
	for _, x := range found {
		s, ok := x.(string)
		if !ok || o.Meant == nil || o.allows(s) {
			continue
		}
		if m := o.Meant(s); m != "" {
			return fmt.Errorf("did you mean %q?", m)
		}
	}
	return want
}

// quoted says how to write a number that is wanted as a string.
func (o Option) quoted(x any) error {
	if _, ok := number(x); ok {
		return fmt.Errorf("want %q, in quotes", fmt.Sprint(x))
	}
	return o.want("a string")
}

// meant returns the error of a number that is wrong, with what it was probably meant
// to be: one in quotes, or hexadecimal digits without their 0x.
func (o Option) meant(x any, want error) error {
	switch x := x.(type) {
	case string:
		if n, err := strconv.ParseInt(x, 0, 64); err == nil && o.within(float64(n)) {
			return fmt.Errorf("want %s, without quotes", o.Format(n))
		}
	case int64:
		if n, err := strconv.ParseInt(strconv.FormatInt(x, 10), 16, 64); o.Hex && err == nil && o.within(float64(n)) {
			return fmt.Errorf("%w; %d is %#x, did you mean %s?", want, x, x, o.Format(n))
		}
	}
	return want
}

func convertList[T any](x any, each func(any) (T, bool), want error) ([]T, error) {
	elems, ok := x.([]any)
	if !ok {
		return nil, want
	}
	out := make([]T, len(elems))
	for i, e := range elems {
		if out[i], ok = each(e); !ok {
			return nil, want
		}
	}
	return out, nil
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

// duration takes a string with a unit. A bare number is refused, as it could be
// seconds or nanoseconds; so is "0".
func (o Option) duration(x any, def time.Duration) (time.Duration, error) {
	s, _ := x.(string)
	d, err := time.ParseDuration(s)
	good := err == nil && strings.Trim(s, "+-0") != ""
	like := Format(cmp.Or(def, 10*time.Second))
	switch {
	case good && o.within(d.Seconds()):
		return d, nil
	case good && d.Seconds() > o.Max:
		return 0, fmt.Errorf("want a duration such as %s, %s or less", like, ShortDuration(seconds(o.Max)))
	}
	return 0, fmt.Errorf("want a duration such as %s, %s or more", like, ShortDuration(seconds(o.Min)))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func (o Option) allows(s string) bool { return len(o.OneOf) == 0 || slices.Contains(o.OneOf, s) }

func (o Option) within(x float64) bool {
	return o.Min == 0 && o.Max == 0 || o.Min <= x && x <= o.Max
}

// want says what would be right for the option.
func (o Option) want(kind string) error {
	_, isInteger := o.Default.(int64)
	_, isList := o.Default.([]string)
	switch {
	case len(o.OneOf) > 0 && isList:
		return fmt.Errorf("want a list of %s", OneOf(o.OneOf))
	case len(o.OneOf) > 0:
		return fmt.Errorf("want %s", OneOf(o.OneOf))
	case o.Min == 0 && o.Max == 0:
		return fmt.Errorf("want %s", kind)
	case o.Hex:
		return fmt.Errorf("want %#x to %#x", int64(o.Min), int64(o.Max))
	case isInteger:
		return fmt.Errorf("want %s from %d to %d", kind, int64(o.Min), int64(o.Max))
	case math.IsInf(o.Max, 1):
		return fmt.Errorf("want %s, %v or more", kind, o.Min)
	}
	return fmt.Errorf("want %s from %v to %v", kind, o.Min, o.Max)
}
