package option

import (
	"math"
	"reflect"
	"testing"
	"time"
)

// What no driver has yet: booleans, a string among several, no options at all.
func TestOptionKindsWithoutADriver(t *testing.T) {
	table := []Option{{Name: "on", Default: true}, {Name: "mode", Default: "a", OneOf: []string{"a", "b"}}, {Name: "names", Default: []string{}}}
	tests := []struct {
		name  string
		table []Option
		given map[string]any
		want  string
	}{
		{"a string where a boolean is due", table, map[string]any{"on": "yes"}, `options.on = "yes": want true or false`},
		{"a string that is not among those allowed", table, map[string]any{"mode": "c"}, `options.mode = "c": want "a" or "b"`},
		{"a list with a number", table, map[string]any{"names": []any{int64(1)}}, `options.names = [1]: want a list of strings`},
		{"no options", nil, map[string]any{"on": true}, `options.on: unknown key, the driver has no options`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, errs := Check(tt.table, tt.given); len(errs) != 1 || errs[0].Error() != tt.want {
				t.Errorf("got %q, want %q", errs, tt.want)
			}
		})
	}
	v, errs := Check(table, map[string]any{"on": false, "names": []any{"x"}})
	if errs != nil || v.Bool("on") || v.String("mode") != "a" || !reflect.DeepEqual(v.Strings("names"), []string{"x"}) {
		t.Errorf("got %v and %v, want on = false, mode = \"a\" and names = [\"x\"]", v, errs)
	}
	if !v.Given("on") || v.Given("mode") {
		t.Errorf("got given %v and %v, want true and false", v.Given("on"), v.Given("mode"))
	}
}

func TestFormat(t *testing.T) {
	tests := []struct {
		name string
		x    any
		want string
	}{
		{"a whole number keeps its point", 20.0, "20.0"},
		{"a fraction", -0.5, "-0.5"},
		{"an exponent", 1e21, "1e+21"},
		{"not a number", math.NaN(), "nan"},
		{"a string", `a"b`, `"a\"b"`},
		{"a duration", 90 * time.Second, `"1m30s"`},
		{"a duration of whole hours", 24 * time.Hour, `"24h"`},
		{"numbers", []float64{1, 2.5}, "[1.0, 2.5]"},
		{"nothing", []string{}, "[]"},
		{"a table of strings", map[string]string{"b": `"`, "a": "x"}, `{ a = "x", b = "\"" }`},
		{"an empty table", map[string]string{}, "{}"},
		{"mixed", []any{int64(1), "a", []any{true}}, `[1, "a", [true]]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Format(tt.x); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	known := []string{"values", "baseline", "amplitude", "noise", "seed"}
	tests := []struct{ name, word, want string }{
		{"a letter left out", "vales", "values"},
		{"a letter too many", "seeed", "seed"},
		{"two letters swapped", "nosie", "noise"},
		{"another case", "BaseLine", "baseline"},
		{"several wrong in a long word", "amplitdes", "amplitude"},
		{"too far off", "interval", ""},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Nearest(tt.word, known); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
