// Package sensors reads probes on schedule and reports only what was measured.
//
// A [Scheduler] knows when each [Probe] is due and tells its [Bus]. A Bus is one
// worker: it opens its probes, reads them one after the other, processes the
// values as each [Signal] says, and puts them as [Reading] values into a [Sink].
// A bus that hangs delays no other.
//
// The package knows nothing about chips (sensors/drivers) or MQTT (publisher) and
// imports the standard library only.
package sensors

import (
	"fmt"
	"time"
)

// A Measurement is one raw value of a probe, in the unit of its quantity.
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
	Time     time.Time     // when it was measured, by the wall clock at that time
	Up       time.Duration // when it was measured, since boot; 0: unknown, or measured before this boot
	Seq      uint64        // counts from 1 per sensor and quantity
}

// A Reason is a word for why a value did not become a reading.
type Reason string

// The reasons. All except Deadband mean a value that is known or suspected to be
// false.
const (
	CRC       Reason = "crc"          // wrong checksum
	PowerOn   Reason = "power-on"     // the value a chip holds before its first conversion
	AllZero   Reason = "all-zero"     // what a bus that is held low reads as
	OutRange  Reason = "range"        // impossible for this probe
	NotNumber Reason = "not-a-number" // NaN or infinite
	Late      Reason = "late"         // the read hung, so the time of the measurement is unknown
	Step      Reason = "step"         // too far from the last value and not confirmed: a spike, or the first value of a step
	Deadband  Reason = "deadband"     // true, but too close to the last reading to be published
	Fault     Reason = "fault"        // the chip reports that its probe is broken or not connected
)

// A Rejection is the error for a value that was read but is known to be false. It
// is counted by its reason and never published.
type Rejection struct {
	Reason Reason
	Detail string // what was found, for the log
}

// Total adds up what is counted by a reason.
func Total[R ~string](by map[R]uint64) (n uint64) {
	for _, v := range by {
		n += v
	}
	return n
}

func (r *Rejection) Error() string {
	return fmt.Sprintf("rejected (%s): %s", r.Reason, r.Detail)
}
