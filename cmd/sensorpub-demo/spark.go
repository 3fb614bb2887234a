package main

import (
	"math"
	"slices"
)

// blocks are the characters of a column that is 0 to 8 eighths high.
var blocks = []rune(" ▁▂▃▄▅▆▇█")

// spark draws values as columns side by side, height lines high, the highest
// to the top and the lowest one eighth of a line. The scale spans at least
// span, so that noise does not look like weather; a constant series is half
// high.
func spark(values []float64, height int, span float64) [][]rune {
	lines := make([][]rune, height)
	if len(values) == 0 {
		return lines
	}
	low, high := slices.Min(values), slices.Max(values)
	if missing := span - (high - low); missing > 0 {
		low, high = low-missing/2, high+missing/2
	}
	for _, v := range values {
		part := 0.5
		if high > low {
			part = (v - low) / (high - low)
		}
		level := 1 + int(math.Round(part*float64(8*height-1)))
		for i := range lines {
			below := 8 * (height - 1 - i) // eighths that the lines below hold
			lines[i] = append(lines[i], blocks[min(max(level-below, 0), 8)])
		}
	}
	return lines
}

// spanOf returns the least span of a quantity's scale, in its unit.
func spanOf(quantity string) float64 {
	switch quantity {
	case "humidity":
		return 5
	case "pressure":
		return 1
	}
	return 2
}
