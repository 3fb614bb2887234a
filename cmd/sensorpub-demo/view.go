package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"sensorpub/publisher"
)

const (
	minLog    = 5 // lines of the log before rows grow in height
	maxHeight = 4 // lines of a row
)

// view lays out the board for a terminal of that size: at most height lines of
// at most width columns.
func (b *board) view(width, height int, now time.Time) []line {
	head := b.head(width, now)
	account := indent(wrap(brief(b.daemon.account), width-2), plain)
	foot := b.foot(width)
	rest := height - len(head) - len(account) - len(foot) - 5 // 4 free lines and the table's head

	c, rows, rowHeight := b.columnsFor(width), len(b.rows)+1, 1
	if c.curve > 0 {
		rowHeight = min(max((rest-minLog)/rows, 1), maxHeight)
	}
	table := b.table(c, rowHeight, now)
	log := b.lastNotices(width, max(rest-rows*rowHeight, 0))

	var lines []line
	for _, part := range [][]line{head, table, account, log, foot} {
		lines = append(append(lines, part...), line{})
	}
	lines = lines[:min(len(lines)-1, height)]
	for i, l := range lines {
		lines[i] = l.fit(width)
	}
	return lines
}

func (b *board) head(width int, now time.Time) []line {
	state := b.state(now)
	return append([]line{
		{{bold, " sensorpub demo"}, {faint, "   simulated probes, the real daemon; a day lasts a minute"}},
		{{faint, " probes → queue → MQTT, QoS 1 → broker " + b.broker + " → this view"}},
	}, indent(wrap(state.text, width-2), state.style)...)
}

// state describes the daemon's connection.
func (b *board) state(now time.Time) span {
	c, queued := b.daemon.connection, b.daemon.account.Queued
	switch {
	case c.Connected && !b.outage:
		return span{good, "● connected"}
	case c.Connected && !b.caughtUp:
		return span{good, fmt.Sprintf("● connected again, sending queued readings: %d to go", queued)}
	case c.Connected:
		return span{good, fmt.Sprintf("● connected again, all %d queued readings were sent", b.waited)}
	case b.daemon.cut:
		left := max(cutFor-now.Sub(c.Since), 0).Round(time.Second)
		return span{bad, fmt.Sprintf("○ the demo has cut the network for another %v: %d readings queued", left, queued)}
	}
	return span{bad, fmt.Sprintf("○ connecting: %d readings queued", queued)}
}

// brief formats the account without what is zero.
func brief(a publisher.Account) string {
	parts := strings.Split(a.String(), " + ")
	last := len(parts) - 1
	middle := slices.DeleteFunc(parts[1:last:last], func(p string) bool { return strings.HasSuffix(p, " 0") })
	return strings.Join(append(append(parts[:1:1], middle...), "queued "+strconv.FormatUint(a.Queued, 10)), " + ")
}

func (b *board) foot(width int) []line {
	page, join, end := indent(wrap("status page: "+b.page, width-2), plain), "join in: "+b.join, "Ctrl-C ends"
	if free := width - 2 - len(join) - len(end); free > 1 {
		return append(page, line{{plain, " " + join + strings.Repeat(" ", free)}, {faint, end}})
	}
	return slices.Concat(page, indent(wrap(join, width-2), plain), []line{{{faint, " " + end}}})
}

// lastNotices returns the last n lines of the log.
func (b *board) lastNotices(width, n int) []line {
	var lines []line
	for _, notice := range b.log {
		s := faint
		if notice.level >= slog.LevelWarn {
			s = bad
		}
		lines = append(lines, indent(wrap(notice.text, width-2), s)...)
	}
	lines = lines[max(0, len(lines)-n):]
	return append(lines, make([]line, n-len(lines))...)
}

func indent(texts []string, s style) []line {
	var lines []line
	for _, t := range texts {
		lines = append(lines, line{{s, " " + t}})
	}
	return lines
}
