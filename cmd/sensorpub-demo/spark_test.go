package main

import (
	"slices"
	"testing"
)

func TestSpark(t *testing.T) {
	tests := []struct {
		name   string
		values []float64
		height int
		span   float64
		want   []string
	}{
		{"no value", nil, 1, 2, []string{""}},
		{"one value is half high", []float64{20}, 1, 2, []string{"▅"}},
		{"a constant series is half high", []float64{20, 20, 20}, 1, 0, []string{"▅▅▅"}},
		{"lowest to highest", []float64{0, 1, 2, 3, 4, 5, 6, 7}, 1, 0, []string{"▁▂▃▄▅▆▇█"}},
		{"negative values", []float64{-20, -15, -10}, 1, 0, []string{"▁▅█"}},
		{"through zero", []float64{-7, 0, 7}, 1, 0, []string{"▁▅█"}},
		{"noise stays small", []float64{20, 20.1, 19.9}, 1, 2, []string{"▅▅▄"}},
		{"two lines", []float64{0, 7, 8, 15}, 2, 0, []string{"  ▁█", "▁███"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, columns := range spark(tt.values, tt.height, tt.span) {
				got = append(got, string(columns))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestHueGoesFromBlueToRed(t *testing.T) {
	for _, tt := range []struct {
		quantity string
		value    float64
		want     style
	}{
		{"temperature", -5, "38;5;27"},
		{"temperature", 0, "38;5;33"},
		{"temperature", 21.4, "38;5;148"},
		{"temperature", 60, "38;5;196"},
		{"humidity", -5, level},
	} {
		if got := hue(tt.quantity, tt.value); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.quantity, tt.value, got, tt.want)
		}
	}
}
