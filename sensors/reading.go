// Package sensors takes readings from probes on time and says nothing that
// was not measured.
//
// A [Scheduler] knows when each [Probe] is due and hands those that are due
// together to the [Bus] they sit on. A Bus is one worker: it opens its probes,
// reads them one after the other, makes readings of what they give as each
// [Signal] says, and puts them as [Reading] values into a [Sink]. A bus that
// hangs delays no other.
//
// The package knows nothing of chips (those are in sensors/drivers) and
// nothing of MQTT (that is in publisher). It imports the standard library
// only.
package sensors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// A Quantity is what is measured: its name, the unit in which its values are
// given, and the closed range outside of which a value cannot be true for the
// probe that gave it.
type Quantity struct {
	Name string  // as in topics: "temperature"
	Unit string  // as in Home Assistant's device classes: "°C"
	Min  float64 // smallest plausible value, in Unit
	Max  float64 // largest plausible value, in Unit
}

// The quantities of the common probes, with the widest range that any probe
// known here has. A driver narrows it to its chip with [Quantity.Within].
var (
	Temperature = Quantity{Name: "temperature", Unit: "°C", Min: -273.15, Max: 1800}
	Humidity    = Quantity{Name: "humidity", Unit: "%", Min: 0, Max: 100}
	Pressure    = Quantity{Name: "pressure", Unit: "hPa", Min: 10, Max: 2000}
	CO2         = Quantity{Name: "co2", Unit: "ppm", Min: 0, Max: 40000}
)

// Within returns q with the range min to max, in the unit of q.
func (q Quantity) Within(min, max float64) Quantity {
	q.Min, q.Max = min, max
	return q
}

// Judge returns why v cannot be a true value of q, or nil.
func Judge(q Quantity, v float64) *Rejection {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return &Rejection{NotNumber, fmt.Sprintf("%s is %v", q.Name, v)}
	case v < q.Min || v > q.Max:
		return &Rejection{OutRange, fmt.Sprintf("%s is %g %s, possible are %g to %g", q.Name, v, q.Unit, q.Min, q.Max)}
	}
	return nil
}

// A Measurement is one value as a probe gave it, in the unit of its quantity.
type Measurement struct {
	Quantity string
	Value    float64
}

// A Reading is a value that was measured and found plausible.
type Reading struct {
	Sensor   string        // name in the configuration: "outside"
	Quantity string        // "temperature"
	Value    float64       // in Unit
	Unit     string        // "°C", or as the Signal has it
	Time     time.Time     // when it was measured, by the clock of then
	Up       time.Duration // when it was measured, since this machine's boot; 0: not known, or of another boot
	Seq      uint64        // from 1, rises by one per sensor and quantity
}

// A Sensor is an open probe.
type Sensor interface {
	// Read measures once. It returns one value for each quantity of the
	// probe, in the order of Probe.Quantities, or an error and no value at
	// all. A value that arrived but is known to be false is a *[Rejection].
	// A bus transaction cannot be cancelled, so Read may outlive ctx.
	Read(ctx context.Context) ([]Measurement, error)

	// Close gives back what Read needs. The Sensor is not used again.
	Close() error
}

// A Reason says in one word why a value did not become a reading.
type Reason string

// The reasons for which there is no reading. All but Deadband are those of
// values that are known or suspected to be false.
const (
	CRC       Reason = "crc"          // its checksum does not fit
	PowerOn   Reason = "power-on"     // the value a chip holds before its first conversion
	AllZero   Reason = "all-zero"     // a bus that is held low reads as zeros
	OutRange  Reason = "range"        // no such value is possible for this probe
	NotNumber Reason = "not-a-number" // NaN or infinite
	Late      Reason = "late"         // the read hung: when it was measured is not known
	Step      Reason = "step"         // too far from the last value and not confirmed: a spike, or the first of a step
	Deadband  Reason = "deadband"     // true, and hardly different from the last reading, which stands for it
	Fault     Reason = "fault"        // the chip says that its probe is broken or not connected
)

// A Rejection is the error of a value that was read and is known to be false.
// It is counted by its reason and never published.
type Rejection struct {
	Reason Reason
	Detail string // what was found, for the log
}

func (r *Rejection) Error() string {
	return fmt.Sprintf("rejected (%s): %s", r.Reason, r.Detail)
}

// A Probe is a configured sensor that can be opened, now or again later.
type Probe struct {
	Name       string        // unique
	Driver     string        // the name of its driver
	Bus        string        // probes of one bus are read one after the other
	Interval   time.Duration // from one reading to the next
	Quantities []Quantity    // what Read returns, in this order
	Signals    []Signal      // what becomes of it, in the same order; empty: nothing but the check of the range

	// StaleAfter is how long the last good value of a quantity may be taken
	// for the present; 0: for ever.
	StaleAfter time.Duration

	// Open makes the probe ready to be read. It is called at the first
	// reading and again after a failure.
	Open func() (Sensor, error)
}

// Measure reads the probe once. It opens it before where s holds no Sensor yet,
// and closes it after a failure other than a value known to be false, so that
// the next call opens it anew.
func (p Probe) Measure(ctx context.Context, s *Sensor) ([]Measurement, error) {
	if *s == nil {
		opened, err := p.Open()
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		*s = opened
	}
	values, err := (*s).Read(ctx)
	if err == nil && len(values) != len(p.Quantities) {
		err = fmt.Errorf("got %d values, want %d", len(values), len(p.Quantities))
	}
	if err == nil {
		return values, nil
	}
	if rejection := new(Rejection); !errors.As(err, &rejection) {
		(*s).Close() // it has failed already: nothing to learn from its error
		*s = nil
	}
	return nil, fmt.Errorf("read: %w", err)
}

// A Sink takes what the buses have read.
type Sink interface {
	// Put takes over an accepted reading and numbers it. It may block where
	// the user asked for that; it returns an error only when the reading was
	// not taken because ctx ended or the sink is closed.
	Put(ctx context.Context, r Reading) error

	// Reject counts a value that was read and does not become a reading.
	Reject(sensor, quantity string, reason Reason)

	// Live tells when the readings of a quantity have become live, after the
	// first was put, and when they are no longer, because no good value came
	// for the probe's StaleAfter. It does not block.
	Live(sensor, quantity string, live bool)
}
