package drivers

import (
	"math"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	tests := []struct {
		name, text string
		value      float64
		want       string
	}{
		{"a whole number", "28375\n", 28375, ""},
		{"a negative one", "-7500\n", -7500, ""},
		{"zero", "0\n", 0, ""},
		{"a decimal with zeros, as Linux 6.12 writes it", "-7490.000000000\n", -7490, ""},
		{"a decimal", "2.670288085", 2.670288085, ""},
		{"an exponent", "1.5e3", 1500, ""},
		{"a sign", "+5", 5, ""},
		{"white space around it", " \t21.5 \r\n", 21.5, ""},
		{"minus zero", "-0.0", 0, ""},
		{"empty", "", 0, "empty, want a number"},
		{"white space only", " \n\n", 0, "empty, want a number"},
		{"a word", "error", 0, `got "error", want a number`},
		{"a unit", "21.5 °C", 0, `got "21.5 °C", want a number`},
		{"a comma", "21,5", 0, `got "21,5", want a number`},
		{"two numbers", "1 2", 0, `got "1 2", want a number`},
		{"hexadecimal", "0x1p4", 0, `got "0x1p4", want a number`},
		{"an underscore", "1_000", 0, `got "1_000", want a number`},
		{"a zero byte", "21\x00", 0, `got "21\x00", want a number`},
		{"not a number", "NaN", 0, "not-a-number"},
		{"infinity", "-inf", 0, "not-a-number"},
		{"too large", "1e999", 0, "range"},
		{"a long text", strings.Repeat("x", 5000), 0, `got "` + strings.Repeat("x", 60) + `", want a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := parseNumber([]byte(tt.text))
			if got := outcome(err); got != tt.want || v != tt.value || math.Signbit(v) != (v < 0) {
				t.Errorf("got %v and %q, want %v and %q", v, got, tt.value, tt.want)
			}
		})
	}
}

// Whatever a file says, it is a finite number or an error.
func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{"28375\n", "-7490.000000000\n", "", "nan", "1e400", "0x10", "1_0", "-0"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := parseNumber(text)
		if math.IsNaN(v) || math.IsInf(v, 0) || err != nil && v != 0 || v == 0 && math.Signbit(v) {
			t.Errorf("%q: got %v and %v, want a finite number or an error", text, v, err)
		}
	})
}
