package sensors

import (
	"math"
	"slices"
	"testing"
)

// The expected values are those of the units' definitions, to six digits.
func TestConvert(t *testing.T) {
	tests := []struct {
		v        float64
		from, to string
		want     float64
	}{
		{28.4, "°C", "°C", 28.4},
		{28.4, "°C", "", 28.4},
		{28.4, "°C", "°F", 83.12},
		{-40, "°C", "°F", -40},
		{0, "°C", "K", 273.15},
		{212, "°F", "°C", 100},
		{0, "K", "°F", -459.67},
		{1013.25, "hPa", "hPa", 1013.25},
		{1013.25, "hPa", "mbar", 1013.25},
		{1013.25, "hPa", "kPa", 101.325},
		{1013.25, "hPa", "Pa", 101325},
		{1013.25, "hPa", "mmHg", 760},
		{1013.25, "hPa", "inHg", 29.92126},
		{50, "%", "%", 50},
	}
	for _, tt := range tests {
		if got := Convert(tt.v, tt.from, tt.to); math.Abs(got-tt.want) > 1e-6*math.Abs(tt.want)+1e-9 {
			t.Errorf("%v %s in %s: got %v, want %v", tt.v, tt.from, tt.to, got, tt.want)
		}
	}
}

func TestUnitsAreThoseOfTheSameKind(t *testing.T) {
	for of, want := range map[string][]string{
		"°C": {"°C", "°F", "K"}, "K": {"°C", "°F", "K"},
		"hPa": {"hPa", "kPa", "Pa", "mbar", "mmHg", "inHg"}, "%": nil, "": nil,
	} {
		if got := Units(of); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", of, got, want)
		}
	}
}

func TestConvertPanicsWhereThereIsNoWay(t *testing.T) {
	defer func() {
		if got, want := recover(), "sensors: cannot convert % to K"; got != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}()
	Convert(50, "%", "K")
}

func TestUnitMeant(t *testing.T) {
	for spelling, want := range map[string]string{
		"F": "°F", "f": "°F", "degF": "°F", "º F": "°F", "Celsius": "°C", "C": "°C", "k": "K", "HPA": "hPa", "torr": "mmHg",
		"°F": "", "hPa": "", "R": "", "": "", "°": "",
	} {
		if got := UnitMeant(spelling); got != want {
			t.Errorf("%q: got %q, want %q", spelling, got, want)
		}
	}
}
