package sensors

import "math"

// A spikeGuard distinguishes spikes from steps. A value that differs too much from
// the last accepted one is held back until later ones agree with it. Values held
// back are never published.
type spikeGuard struct {
	maxStep       float64
	confirmations int

	started bool
	last    float64 // accepted
	held    []heldValue
}

// A heldValue is a possible spike and the number of values, itself included, that
// agree with it. Others may lie between them, so that a spike cannot hide a step.
type heldValue struct {
	value float64
	row   int
}

// next reports whether to accept a value, and whether it was accepted as a step.
func (g *spikeGuard) next(v float64) (accepted, jumped bool) {
	if g.maxStep <= 0 || !g.started || g.agree(v, g.last) {
		g.accept(v)
		return true, false
	}
	row := 0
	for _, h := range g.held {
		if g.agree(v, h.value) {
			row = max(row, h.row)
		}
	}
	if row >= g.confirmations {
		g.accept(v)
		return true, true
	}
	g.held = append(g.held, heldValue{v, row + 1})
	if len(g.held) > g.confirmations+1 {
		g.held = g.held[1:]
	}
	return false, false
}

func (g *spikeGuard) agree(a, b float64) bool {
	return math.Abs(a-b) <= g.maxStep*(1+tolerance)
}

func (g *spikeGuard) accept(v float64) {
	g.started, g.last, g.held = true, v, g.held[:0]
}

// lost reports whether more values are held back than a step would explain.
func (g *spikeGuard) lost() bool { return len(g.held) > g.confirmations }

func (g *spikeGuard) restart() { g.started, g.held = false, g.held[:0] }
