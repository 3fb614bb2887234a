package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"time"
)

// The plot, in pixels: two panels, one above the other.
const (
	plotWidth    = 900
	plotLeft     = 70
	plotRight    = 20
	panelHeight  = 200
	panelFirst   = 70 // top of the panel of the connections
	panelSecond  = 340
	plotHeight   = 600
	innerWidth   = plotWidth - plotLeft - plotRight
	colourOne    = "#0b66c3"
	colourTwo    = "#c2410c"
	colourFaint  = "#6b7280"
	colourFault  = "#fca5a5"
	latencyFloor = time.Millisecond
)

// A panel maps values to pixels.
type panel struct {
	top       float64
	span      time.Duration // of the time axis
	low, high float64
	log       bool
}

func (p panel) x(at time.Duration) float64 {
	return plotLeft + innerWidth*min(max(at.Seconds()/p.span.Seconds(), 0), 1)
}

func (p panel) y(v float64) float64 {
	low, high := p.low, p.high
	if p.log {
		v, low, high = math.Log10(max(v, low)), math.Log10(low), math.Log10(high)
	}
	return p.top + panelHeight*(1-min(max((v-low)/(high-low), 0), 1))
}

// plot returns an SVG of connections and latency over time.
func (f *fleet) plot() []byte {
	span := f.ended.Sub(f.begin)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui, sans-serif" font-size="13">
<title>A fleet of nodes while brokers fail</title>
<rect width="100%%" height="100%%" fill="#fff"/>
<text x="%d" y="24" font-size="16" font-weight="600">%s</text>
`, plotWidth, plotHeight, plotWidth, plotHeight, plotLeft, html.EscapeString(fmt.Sprintf(
		"%s nodes and three brokers, one reading each %s", number(len(f.members)), short(f.opt.interval))))
	connections := panel{top: panelFirst, span: span, high: niceAbove(float64(len(f.members)))}
	latency := panel{top: panelSecond, span: span, low: 0.001, high: 1, log: true}
	worst := f.latency.quantiles(1)
	for _, d := range worst {
		for latency.high < d.Seconds() {
			latency.high *= 10
		}
	}
	for _, p := range []panel{connections, latency} {
		f.drawFaults(&b, p)
		drawTimes(&b, p)
	}
	drawScale(&b, connections, "nodes connected", func(v float64) string { return number(int(v)) })
	drawScale(&b, latency, "from the measurement to a witness", func(v float64) string {
		if v < 1 {
			return short(time.Duration(v * float64(time.Second)))
		}
		return fmt.Sprintf("%g s", v)
	})
	drawLine(&b, colourOne, f.connectedPoints(connections))
	drawLine(&b, colourTwo, f.latencyPoints(latency, worst))
	drawLine(&b, colourOne, f.latencyPoints(latency, f.latency.quantiles(0.5)))
	drawKey(&b, panelFirst-14, []key{{colourOne, "nodes connected"}, {colourFault, "a fault"}})
	drawKey(&b, panelSecond-14, []key{{colourOne, "median"}, {colourTwo, "longest"}, {colourFault, "a fault"}})
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (f *fleet) connectedPoints(p panel) (points []point) {
	for _, s := range f.samples {
		if at := s.at.Sub(f.begin); at >= 0 && at <= p.span {
			points = append(points, point{p.x(at), p.y(float64(s.connected))})
		}
	}
	return points
}

// latencyPoints leaves a gap where nothing arrived.
func (f *fleet) latencyPoints(p panel, values []time.Duration) (points []point) {
	for i, d := range values {
		at := time.Duration(i)*f.latency.step + f.latency.step/2
		switch {
		case at > p.span:
		case d < 0:
			points = append(points, point{})
		default:
			points = append(points, point{p.x(at), p.y(max(d, latencyFloor).Seconds())})
		}
	}
	return points
}

// drawFaults shades the time of each fault and names it in the upper panel.
func (f *fleet) drawFaults(b *bytes.Buffer, p panel) {
	for _, m := range f.marks {
		x := p.x(m.began.Sub(f.begin))
		width := max(p.x(m.undone.Sub(f.begin))-x, 2)
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s" fill-opacity="0.45"/>`+"\n",
			x, p.top, width, panelHeight, colourFault)
		name, anchor := x+3, "start"
		if m.began.Sub(f.begin) > p.span*9/10 { // no room on the right
			name, anchor = x-3, "end"
		}
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" font-size="11" fill="#7f1d1d">%s</text>`+"\n",
			name, p.top+panelHeight-6, anchor, html.EscapeString(m.String()))
	}
}
