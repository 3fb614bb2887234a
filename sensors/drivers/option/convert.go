package option

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	case map[string]string:
		return convertTable(x)
	}
	panic("option: " + o.Name + " has a default of an unknown type")
}

// spelt returns the error of strings that are not allowed, or what another spelling
// among them means.
func (o Option) spelt(want error, found ...any) error {
	for _, x := range found {
		s, ok := x.(string)
		if !ok || o.allows(s) {
			continue
		}
		if m := o.meaning(s); m != "" {
			return fmt.Errorf("did you mean %q?", m)
		}
	}
	return want
}

// fewNames are so many that an error can list them.
const fewNames = 6

// meaning returns what a string that is not allowed was probably meant to be, or "".
func (o Option) meaning(s string) string {
	if o.Meant == nil && len(o.OneOf) > fewNames {
		return Nearest(s, o.OneOf)
	}
	if o.Meant == nil {
		return ""
	}
	return o.Meant(s)
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

func convertTable(x any) (map[string]string, error) {
	table, ok := x.(map[string]any)
	out := make(map[string]string, len(table))
	for key, value := range table {
		s, isString := value.(string)
		out[key], ok = s, ok && isString
	}
	if !ok {
		return nil, errors.New(`want a table of strings such as { soil = "%" }`)
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
	if meant, ok := meantDuration(s); !good && ok && o.within(meant.Seconds()) {
		return 0, fmt.Errorf("want %s", Format(meant))
	}
	switch {
	case good && o.within(d.Seconds()):
		return d, nil
	case good && d.Seconds() > o.Max:
		return 0, fmt.Errorf("want a duration such as %s, %s or less", like, ShortDuration(seconds(o.Max)))
	}
	return 0, fmt.Errorf("want a duration such as %s, %s or more", like, ShortDuration(seconds(o.Min)))
}

// meantDuration understands durations in words, such as "1 minute" and "1d",
// so that an error can say how to write them.
func meantDuration(text string) (time.Duration, bool) {
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ. ")
	unit := strings.ToLower(strings.Trim(text[len(digits):], ". "))
	n, err := strconv.ParseUint(digits, 10, 16)
	long := slices.ContainsFunc([]string{"seconds", "minutes", "hours", "days"}, func(word string) bool {
		return unit != "" && strings.HasPrefix(word, unit) || unit == word[:3]+"s"
	})
	if err != nil || !long {
		return 0, false
	}
	return time.Duration(n) * units[unit[:1]], true
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
