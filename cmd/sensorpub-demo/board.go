package main

import (
	"math"
	"slices"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

const (
	historyLength = 512 // values kept for the curve of a topic
	logLength     = 64  // lines kept of the log
)

// A board is what the view shows: what the subscriber received and, beside it,
// the state of the daemon.
type board struct {
	broker string // host and port
	join   string // the command for other clients to join
	page   string // the URL of the status page
	rows   []*row

	daemon   daemonState
	outage   bool      // there was one
	waited   uint64    // readings delayed by the last one
	caughtUp bool      // all of them have been sent
	online   string    // the payload of the status topic
	onlineAt time.Time // when it came
	log      []notice
}

// A daemonState is the state of the daemon.
type daemonState struct {
	connection mqtt.State
	account    publisher.Account
	cut        bool // the demo has cut the cable
}

// A row is a topic and what was received on it.
type row struct {
	series
	value   float64
	at      time.Time // of arrival; zero: nothing yet
	history []float64
}

func newBoard(broker, join, page string, published []series) *board {
	b := &board{broker: broker, join: join, page: page}
	for _, s := range published {
		b.rows = append(b.rows, &row{series: s})
	}
	return b
}

// receive records a message that arrived at now.
func (b *board) receive(m mqtt.Message, now time.Time) {
	if m.Topic == statusTopic {
		b.online, b.onlineAt = string(m.Payload), now
		return
	}
	i := slices.IndexFunc(b.rows, func(r *row) bool { return r.Topic == m.Topic })
	if i < 0 {
		return
	}
	r := b.rows[i]
	d, err := publisher.Decode(m.Payload, r.format)
	if err != nil || math.IsNaN(d.Value) || math.IsInf(d.Value, 0) {
		return // from another client; the daemon never sends this
	}
	r.value, r.at = d.Value, now
	if b.online == publisher.Offline {
		return // the newest value, ahead of "online"; it comes again in its turn
	}
	r.history = append(r.history, d.Value)
	if len(r.history) > historyLength {
		r.history = slices.Delete(r.history, 0, historyLength/2)
	}
}

// note adds a line to the log.
func (b *board) note(n notice) {
	b.log = append(b.log, n)
	if len(b.log) > logLength {
		b.log = slices.Delete(b.log, 0, logLength/2)
	}
}

// update takes over the state of the daemon.
func (b *board) update(s daemonState) {
	away, queued := !s.connection.Connected, s.account.Queued
	if away && b.daemon.connection.Connected {
		b.outage, b.waited, b.caughtUp = true, 0, false
	}
	if away && b.outage {
		b.waited = max(b.waited, queued)
	}
	if !away && queued == 0 {
		b.caughtUp = true
	}
	b.daemon = s
}
