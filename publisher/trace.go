package publisher

import (
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// traced is how many decisions are kept of each series.
const traced = 16

// A Fate is what has become of a value, as far as that is known.
type Fate string

// The fates.
const (
	FateQueued       Fate = "queued"
	FateAcknowledged Fate = "acknowledged"
	FateSent         Fate = "sent" // at QoS 0, without an acknowledgement
	FateSuperseded   Fate = "superseded"
	FateDropped      Fate = "dropped"
	FateRejected     Fate = "rejected"
	FateDeadband     Fate = "deadband" // too close to the last reading to be published
)

// spoolLost is why a reading was dropped of which only the spool knows why: it
// was full, or the record is damaged.
const spoolLost sensors.Reason = "spool"

// A Decision is what has become of one value of a series, and why.
type Decision struct {
	Time   time.Time // when it was read
	Fate   Fate
	Value  float64        // as read, unless it was rejected
	Seq    uint64         // 0: it was rejected
	Reason sensors.Reason // of a rejected or dropped one
	Detail string         // of a rejected one
	After  time.Duration  // from Time to its fate

	position uint64
}

// A trace is the last decisions about a series, a ring.
type trace struct {
	decisions [traced]Decision
	made      int
}

// note adds a decision.
func (s *stock) note(of *series, d Decision) {
	if of.trace == nil {
		of.trace = new(trace)
	}
	d.Time = time.Now()
	of.trace.decisions[of.trace.made%traced] = d
	of.trace.made++
}

// noteQueued adds that a reading was accepted.
func (s *stock) noteQueued(of *series, r spool.Record) {
	if !s.Tracing {
		return
	}
	s.note(of, Decision{Fate: FateQueued, Value: r.Reading.Value, Seq: r.Reading.Seq, position: r.Position})
}

// noteRejected adds that a value did not become a reading.
func (s *stock) noteRejected(sensor, quantity string, why *sensors.Rejection) {
	if !s.Tracing {
		return
	}
	of := s.series[seriesKey(sensor, quantity)]
	if of == nil {
		return // just removed from the configuration
	}
	d := Decision{Fate: FateRejected, Reason: why.Reason, Detail: why.Detail}
	if why.Reason == sensors.Deadband {
		d.Fate, d.Reason = FateDeadband, ""
	}
	s.note(of, d)
}

// noteFate says what has become of a reading that was accepted.
func (s *stock) noteFate(r spool.Record, fate Fate, reason sensors.Reason) {
	if !s.Tracing {
		return
	}
	of := s.find(r)
	if of == nil || of.trace == nil {
		return
	}
	for i := range of.trace.decisions {
		if d := &of.trace.decisions[i]; d.Fate == FateQueued && d.position == r.Position {
			d.Fate, d.Reason, d.After = fate, reason, time.Since(d.Time)
		}
	}
}

// Decisions returns the last decisions about what is published to a topic,
// oldest first, with its route. It reports whether anything is.
func (q *Queue) Decisions(topic string) (all []Decision, route Route, found bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range q.ordered {
		if s.retired || s.route.Topic != topic {
			continue
		}
		t := s.trace
		if t == nil {
			t = new(trace)
		}
		for i := max(t.made-traced, 0); i < t.made; i++ {
			d := t.decisions[i%traced]
			if d.Fate == FateQueued && !q.log.Waits(d.position) {
				d.Fate, d.Reason = FateDropped, spoolLost
			}
			all = append(all, d)
		}
		return all, *s.route, true
	}
	return nil, Route{}, false
}
