package publisher

import (
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// traced is how many decisions are kept of each series.
const traced = 16

// A Fate is what happened to a value, as far as known.
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

// Lost is the reason for a reading that the spool has lost: the spool was full, or
// the record is damaged.
const Lost sensors.Reason = "spool"

// A Decision is what happened to one value of a series, and why.
type Decision struct {
	Time   time.Time // when it was read
	Fate   Fate
	Value  float64        // in the unit of the route, unless it was rejected
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

// Traces has the trace of each series. A nil map keeps none.
type traces map[spool.Key]*trace

// add adds a decision.
func (t traces) add(k spool.Key, d Decision) {
	of := t[k]
	if of == nil {
		of = new(trace)
		t[k] = of
	}
	d.Time = time.Now()
	of.decisions[of.made%traced] = d
	of.made++
}

// queued adds that a reading was accepted, with its value in the unit of the
// route.
func (t traces) queued(route *Route, r spool.Record) {
	if t == nil {
		return
	}
	value := route.Convert(r.Reading).Value
	t.add(keyOf(r), Decision{Fate: FateQueued, Value: value, Seq: r.Reading.Seq, position: r.Position})
}

// rejected adds that a value did not become a reading.
func (t traces) rejected(k spool.Key, why *sensors.Rejection) {
	if t == nil {
		return
	}
	d := Decision{Fate: FateRejected, Reason: why.Reason, Detail: why.Detail}
	if why.Reason == sensors.Deadband {
		d.Fate, d.Reason = FateDeadband, ""
	}
	t.add(k, d)
}

// settled records what happened to an accepted reading.
func (t traces) settled(r spool.Record, fate Fate, reason sensors.Reason) {
	of := t[keyOf(r)]
	if of == nil {
		return
	}
	for i := range of.decisions {
		if d := &of.decisions[i]; d.Fate == FateQueued && d.position == r.Position {
			d.Fate, d.Reason, d.After = fate, reason, time.Since(d.Time)
		}
	}
}

func keyOf(r spool.Record) spool.Key { return seriesKey(r.Reading.Sensor, r.Reading.Quantity) }

// of returns the decisions about a series, oldest first. A reading that waits no
// longer but was not settled here was lost by the log.
func (t traces) of(k spool.Key, log Log) (all []Decision) {
	of := t[k]
	if of == nil {
		return nil
	}
	for i := max(of.made-traced, 0); i < of.made; i++ {
		d := of.decisions[i%traced]
		if d.Fate == FateQueued && !log.Waits(d.position) {
			d.Fate, d.Reason = FateDropped, Lost
		}
		all = append(all, d)
	}
	return all
}
