package sensors

import (
	"math"
	"testing"
)

func TestCalibration(t *testing.T) {
	line := []Point{{0.2, 0}, {50, 51}, {99.1, 100}}
	tests := []struct {
		name      string
		c         Calibration
		raw, want float64
	}{
		{"nothing changes nothing", Calibration{}, -28.375, -28.375},
		{"not even the sign of 0", Calibration{}, math.Copysign(0, -1), math.Copysign(0, -1)},
		{"an offset is added", Calibration{Offset: -0.5}, 20, 19.5},
		{"a gain multiplies before the offset is added", Calibration{Gain: 2, Offset: 1}, -3, -5},
		{"a gain may turn the sign", Calibration{Gain: -1}, 3, -3},
		{"a point is met exactly", Calibration{Points: line}, 0.2, 0},
		{"so is the last", Calibration{Points: line}, 99.1, 100},
		{"between two points lies a straight line", Calibration{Points: []Point{{0, 10}, {4, 20}, {8, 100}}}, 5, 40},
		{"it goes on below the first", Calibration{Points: []Point{{0, 10}, {4, 20}, {8, 100}}}, -4, 0},
		{"and above the last", Calibration{Points: []Point{{0, 10}, {4, 20}, {8, 100}}}, 9, 120},
		{"points may fall", Calibration{Points: []Point{{0, 10}, {10, 0}}}, 4, 6},
	}
	for _, tt := range tests {
		if got := tt.c.apply(tt.raw); got != tt.want || math.Signbit(got) != math.Signbit(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCalibratedRange(t *testing.T) {
	tests := []struct {
		name            string
		c               Calibration
		least, greatest float64
	}{
		{"as it is", Calibration{}, -10, 30},
		{"moved", Calibration{Offset: 5}, -5, 35},
		{"turned round", Calibration{Gain: -2}, -60, 20},
		{"with a summit inside", Calibration{Points: []Point{{-20, 0}, {0, 50}, {20, 10}, {100, 90}}}, 10, 50},
	}
	for _, tt := range tests {
		if least, greatest := tt.c.Range(-10, 30); least != tt.least || greatest != tt.greatest {
			t.Errorf("%s: got %v to %v, want %v to %v", tt.name, least, greatest, tt.least, tt.greatest)
		}
	}
}
