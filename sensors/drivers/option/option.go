// Package option checks what a user wrote against a table of options, formats
// values as TOML has them, and suggests what a misspelt name was meant to be.
// It knows nothing of probes and imports the standard library only.
package option

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// An Option is one key of a driver's options table.
type Option struct {
	Name string
	// Default has the type of the option: string, int64, float64, bool,
	// time.Duration, []float64, []string or map[string]string.
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

func (v Values) String(name string) string           { return v.all[name].(string) }
func (v Values) Int(name string) int64               { return v.all[name].(int64) }
func (v Values) Float(name string) float64           { return v.all[name].(float64) }
func (v Values) Bool(name string) bool               { return v.all[name].(bool) }
func (v Values) Duration(name string) time.Duration  { return v.all[name].(time.Duration) }
func (v Values) Floats(name string) []float64        { return v.all[name].([]float64) }
func (v Values) Strings(name string) []string        { return v.all[name].([]string) }
func (v Values) Texts(name string) map[string]string { return v.all[name].(map[string]string) }

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
