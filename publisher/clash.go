package publisher

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"time"
)

// strangers tracks the reports of other machines with the same node.
type strangers struct {
	since   time.Time         // when the subscription began
	own     string            // this machine
	last    [sha256.Size]byte // of the last report of another machine
	machine string            // another one that is publishing now; "": none, or already logged
}

// maxMachine is the longest machine id that is logged, in bytes, because anyone may
// send a report.
const maxMachine = 64

// hearReport handles a report of the node, from this machine or another. A bridge
// that reconnects repeats what its broker retains, without the retain flag: perhaps
// the last report from the board that the card was in before. So another machine
// counts only if it has connected since, or if its report changes.
func (s *subscription) hearReport(m Message) {
	var r struct {
		Machine   string    `json:"machine"`
		Connected time.Time `json:"connected_since"`
	}
	if json.Unmarshal(m.Payload, &r) != nil || r.Machine == "" || r.Machine == s.own || len(r.Machine) > maxMachine {
		return
	}
	sum := sha256.Sum256(m.Payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	isNew := s.last != [sha256.Size]byte{} && sum != s.last
	s.last = sum
	if !m.Retain && (isNew || r.Connected.After(s.since)) {
		s.machine = r.Machine
		wake(s.news)
	}
}

// stranger returns, once, another machine that publishes as this node, or "".
func (s *subscription) stranger() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	machine := s.machine
	s.machine = ""
	return machine
}

// nameClash logs that another machine has the same node.
func (l *listener) nameClash(log *slog.Logger) {
	machine := l.subscription.stranger()
	if machine == "" {
		return
	}
	now := time.Now()
	l.clashes.Begin(now)
	l.clashes.End(now)
	log.Log(context.Background(), l.clashes.Level(slog.LevelWarn), "another machine publishes as this node", l.clashes.Args(
		"machine", machine, "this_machine", l.machine, "topic", l.reports,
		"hint", "is one a copy of the other's card? Each machine needs its own node name; sensorpub doctor shows its machine id")...)
}
