package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"time"
)

// A point is in pixels. The zero point is a gap in a line.
type point struct{ x, y float64 }

// A key explains a colour.
type key struct{ colour, text string }

// drawLine draws a line through points.
func drawLine(b *bytes.Buffer, colour string, points []point) {
	b.WriteString(`<path fill="none" stroke="` + colour + `" stroke-width="1.5" stroke-linecap="round" d="`)
	move := true
	for _, p := range points {
		if p == (point{}) {
			move = true
			continue
		}
		if move {
			fmt.Fprintf(b, "M%.1f %.1fh0", p.x, p.y) // a point without neighbours is a dot
		} else {
			fmt.Fprintf(b, "L%.1f %.1f", p.x, p.y)
		}
		move = false
	}
	b.WriteString("\"/>\n")
}

// drawKey draws the legend of a panel.
func drawKey(b *bytes.Buffer, y float64, keys []key) {
	x := float64(plotLeft)
	for _, k := range keys {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="18" height="6" fill="%s"/><text x="%.1f" y="%.1f">%s</text>`+"\n",
			x, y-6, k.colour, x+24, y, html.EscapeString(k.text))
		x += 40 + 7.5*float64(len(k.text))
	}
}

// drawTimes draws the axis of the time, in minutes or seconds.
func drawTimes(b *bytes.Buffer, p panel) {
	unit, name := time.Minute, "minutes"
	if p.span < 3*time.Minute {
		unit, name = time.Second, "seconds"
	}
	bottom := p.top + panelHeight
	step := niceStep(float64(p.span)/float64(unit), 10)
	for v := 0.0; v <= float64(p.span)/float64(unit); v += step {
		x := p.x(time.Duration(v * float64(unit)))
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/><text x="%.1f" y="%.1f" text-anchor="middle">%g</text>`+"\n",
			x, bottom, x, bottom+5, colourFaint, x, bottom+20, v)
	}
	fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end" fill="%s">%s since all were connected</text>`+"\n",
		plotWidth-plotRight, bottom+38, colourFaint, name)
}

// drawScale draws the axis of the values, with its name.
func drawScale(b *bytes.Buffer, p panel, name string, format func(float64) string) {
	for _, v := range p.ticks() {
		y := p.y(v)
		fmt.Fprintf(b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="%s" stroke-opacity="0.3"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			plotLeft, y, plotWidth-plotRight, y, colourFaint, plotLeft-8, y+4, html.EscapeString(format(v)))
	}
	fmt.Fprintf(b, `<text x="%d" y="%.1f" text-anchor="end" fill="%s">%s</text>`+"\n",
		plotWidth-plotRight, p.top-14, colourFaint, html.EscapeString(name))
}

// ticks returns the values that are named on an axis.
func (p panel) ticks() (ticks []float64) {
	if p.log {
		for v := p.low; v <= p.high*1.001; v *= 10 {
			ticks = append(ticks, v)
		}
		return ticks
	}
	step := niceStep(p.high-p.low, 5)
	for v := p.low; v <= p.high+step/1000; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

// niceStep returns a step of 1, 2 or 5 times a power of ten that cuts a span
// into at most so many parts.
func niceStep(span float64, parts int) float64 {
	if span <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(span/float64(parts))))
	for _, f := range []float64{1, 2, 5} {
		if span/(f*power) <= float64(parts) {
			return f * power
		}
	}
	return 10 * power
}

// niceAbove returns the end of an axis that begins at 0 and holds v.
func niceAbove(v float64) float64 {
	step := niceStep(v, 5)
	return step * math.Ceil(v/step)
}
