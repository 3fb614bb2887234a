package main

import (
	"math"
	"slices"
)

// blocks are the characters for columns of 0 to 8 eighths.
var blocks = []rune(" ▁▂▃▄▅▆▇█")

// spark draws values as adjacent columns, height lines high, from one eighth of
// a line for the lowest to full height for the highest. The scale covers at
// least span, so that noise does not look like weather; a constant series is
// drawn half high.
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
			below := 8 * (height - 1 - i) // eighths in the lines below
			lines[i] = append(lines[i], blocks[min(max(level-below, 0), 8)])
		}
	}
	return lines
}

// spanOf returns the smallest scale for a quantity, in its unit.
func spanOf(quantity string) float64 {
	switch quantity {
	case "humidity":
		return 5
	case "pressure":
		return 1
	}
	return 2
}
