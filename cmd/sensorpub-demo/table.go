package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sensorpub/publisher"
)

// columns are those that the terminal has room for. Topic and value are always
// shown.
type columns struct {
	topic   int  // width
	age, as bool // age of the value; what the payload is
	more    bool // QoS and retain
	curve   int  // width; 0: not shown
}

// Widths of columns, with the gap before them.
const (
	valueWidth = 11 // " 1013.2 hPa"
	ageWidth   = 6  // "  12 s"
	asWidth    = 9  // "  payload"
	moreWidth  = 17 // "  QoS 1  retained"
	gap        = 2
	minCurve   = 8   // a narrower curve is not shown
	wide       = 100 // from here on QoS and retain are shown
)

// columnsFor distributes the width of the terminal. The curve gets what the
// others leave.
func (b *board) columnsFor(width int) columns {
	c := columns{topic: len(statusTopic)}
	for _, r := range b.rows {
		c.topic = max(c.topic, len(r.Topic))
	}
	rest := width - 1 - c.topic - valueWidth
	take := func(n int) bool {
		if rest >= n {
			rest -= n
			return true
		}
		return false
	}
	c.age = take(ageWidth)
	c.as = take(asWidth)
	c.more = width >= wide && take(moreWidth)
	if rest--; rest >= gap+minCurve { // one column stays free on the right
		c.curve = rest - gap
	}
	return c
}

// table returns a header and the topics, each height lines high.
func (b *board) table(c columns, height int, now time.Time) []line {
	lines := []line{c.line("topic", span{faint, "value"}, "", nil, span{faint, "age"}, "payload", "")}
	for i := range lines[0] {
		lines[0][i].style = faint
	}
	for _, r := range b.rows {
		lines = append(lines, r.lines(c, height, now)...)
	}
	return append(lines, b.statusLines(c, height, now)...)
}

// line assembles one line of a row.
func (c columns) line(topic string, value span, unit string, curve []span, age span, as, more string) line {
	number := fmt.Sprintf("%7s", value.text)
	l := line{
		{plain, fmt.Sprintf(" %-*s", c.topic, topic)},
		{value.style, number},
		{plain, fmt.Sprintf("%-*s", valueWidth-len(number), " "+unit)},
	}
	if c.curve > 0 {
		l = append(l, span{plain, strings.Repeat(" ", gap+c.curve-line(curve).width())})
		l = append(l, curve...)
	}
	if c.age {
		l = append(l, span{age.style, fmt.Sprintf("%*s", ageWidth, age.text)})
	}
	if c.as {
		l = append(l, span{faint, fmt.Sprintf("%s%-*s", strings.Repeat(" ", gap), asWidth-gap, as)})
	}
	if c.more {
		l = append(l, span{faint, more})
	}
	return l
}

// lines returns a topic: the text is on the lowest line, next to the bottom of
// the curve, and the line above is free.
func (r *row) lines(c columns, height int, now time.Time) []line {
	value := span{plain, "-"}
	if !r.at.IsZero() {
		value = span{hue(r.Quantity, r.value), strconv.FormatFloat(r.value, 'f', precision, 64)}
	}
	more := fmt.Sprintf("  QoS %d", r.QoS)
	if r.Retain {
		more += "  retained"
	}
	shown := r.history[max(0, len(r.history)-c.curve):]
	curve := spark(shown, max(height-1, 1), spanOf(r.Quantity))
	lines := make([]line, height-len(curve))
	for _, columns := range curve[:len(curve)-1] {
		lines = append(lines, c.line("", span{}, "", r.paint(columns, shown), span{}, "", ""))
	}
	foot := r.paint(curve[len(curve)-1], shown)
	return append(lines, c.line(r.Topic, value, r.Unit, foot, age(r.at, now, 5*r.interval/2), r.encoding, more))
}

// paint colours each column of a curve by its value.
func (r *row) paint(columns []rune, values []float64) []span {
	var spans []span
	for i, char := range columns {
		s := hue(r.Quantity, values[i])
		if n := len(spans); n > 0 && spans[n-1].style == s {
			spans[n-1].text += string(char)
		} else {
			spans = append(spans, span{s, string(char)})
		}
	}
	return spans
}

// statusLines returns the row of the status topic, which the broker sets to
// "offline" when the daemon is gone.
func (b *board) statusLines(c columns, height int, now time.Time) []line {
	value := span{plain, "-"}
	switch b.online {
	case publisher.Online:
		value = span{good, publisher.Online}
	case publisher.Offline:
		value = span{bad, publisher.Offline}
	}
	lines := make([]line, height-1)
	return append(lines, c.line(statusTopic, value, "", nil, age(b.onlineAt, now, 0), "text", "  QoS 1  retained"))
}

// age formats how long ago a value arrived. An age over limit is highlighted,
// unless limit is 0.
func age(at, now time.Time, limit time.Duration) span {
	d := now.Sub(at)
	switch {
	case at.IsZero():
		return span{}
	case limit > 0 && d > limit:
		return span{bad, fmt.Sprintf("%.0f s", d.Seconds())}
	case d < 2*time.Second:
		return span{faint, "now"}
	case d < 100*time.Second:
		return span{faint, fmt.Sprintf("%.0f s", d.Seconds())}
	}
	return span{faint, fmt.Sprintf("%.0f m", d.Minutes())}
}
