package sensors

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// A Probe is a configured sensor that can be opened, now or again later.
type Probe struct {
	Name       string        // unique
	Driver     string        // the name of its driver
	Bus        string        // probes of one bus are read one after the other
	Interval   time.Duration // from one reading to the next
	Quantities []Quantity    // what Read returns, in order, and what is derived from that
	Optional   bool          // Read returns those of Quantities that the device has
	Signals    []Signal      // how each is processed, in the same order; empty: only the range is checked
	Altitude   float64       // in metres above sea level, for what is derived

	// Source is what the probe reads: a chip, an input or a file. Two probes with
	// one source and a quantity in common read the same thing twice. "": unknown.
	// A * at the end matches any source with the same beginning.
	Source string

	// Identity identifies a chip whatever the sensor is called: its ROM id, or bus
	// and address. "": it has none.
	Identity string

	// Conversion is how long the chip takes for a measurement, or the least time
	// between two; 0: not known, or too short to matter. A shorter Interval gives
	// values twice, or failures.
	Conversion time.Duration

	// IfPresent says that the device may be on another machine: until it has
	// answered once, a missing answer is not a failure.
	IfPresent bool

	// StaleAfter is how long the last good value of a quantity counts as
	// current; 0: for ever.
	StaleAfter time.Duration

	// Open prepares the probe for reading. It is called before the first read
	// and again after a failure.
	Open func() (Sensor, error)
}

// Absent reports whether an error of Measure says that the probe, which is
// IfPresent, is not there. A missing permission or a false value says that it may be.
func (p *Probe) Absent(err error) bool {
	return p.IfPresent && err != nil && !errors.Is(err, fs.ErrPermission) && !errors.As(err, new(*Rejection))
}

// Measure reads the probe once. It opens the probe if *s is nil, and closes it
// after any failure but a [Rejection], so that the next call opens it again.
func (p Probe) Measure(ctx context.Context, s *Sensor) ([]Measurement, error) {
	if *s == nil {
		opened, err := p.Open()
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		*s = opened
	}
	values, err := (*s).Read(ctx)
	if err == nil {
		values, err = p.pick(values)
	}
	if err == nil {
		return values, nil
	}
	if _, rejected := errors.AsType[*Rejection](err); !rejected {
		(*s).Close() // the read has failed already, this error adds nothing
		*s = nil
	}
	return nil, fmt.Errorf("read: %w", err)
}

// pick returns the values of the probe's quantities, in their order. All must be
// there or, if they are optional, one.
func (p Probe) pick(values []Measurement) ([]Measurement, error) {
	picked := make([]Measurement, 0, len(p.Quantities))
	for n, q := range p.Quantities {
		if p.signal(n).Derived {
			continue
		}
		i := slices.IndexFunc(values, func(m Measurement) bool { return m.Quantity == q.Name })
		switch {
		case i >= 0:
			picked = append(picked, values[i])
		case !p.Optional:
			return nil, fmt.Errorf("got no %s", q.Name)
		}
	}
	if len(picked) == 0 {
		return nil, errors.New("got no value")
	}
	return picked, nil
}

// index returns the index of a quantity of the probe.
func (p Probe) index(name string) int { return index(p.Quantities, name) }

// Same reports whether two probes publish the same thing, as far as their sources say.
func (p Probe) Same(other Probe) bool {
	if p.Source == "" || other.Source == "" || !alike(p.Source, other.Source) && !alike(other.Source, p.Source) {
		return false
	}
	for i, q := range p.Quantities {
		if j := other.index(q.Name); j >= 0 && !p.signal(i).Hidden && !other.signal(j).Hidden {
			return true
		}
	}
	return false
}

// alike reports whether a source is the other, or any that begins like it.
func alike(any, source string) bool {
	prefix, open := strings.CutSuffix(any, "*")
	return any == source || open && strings.HasPrefix(source, prefix)
}

// A Sensor is an open probe.
type Sensor interface {
	// Read measures once. It returns one value for each quantity of the
	// probe or, if they are optional, for each that the device has; or an
	// error and no value at all. A value that arrived but is known to be false
	// is a *[Rejection]. A bus transaction cannot be cancelled, so Read may
	// outlive ctx.
	Read(ctx context.Context) ([]Measurement, error)

	// Close releases what Read needs. The Sensor is not used again.
	Close() error
}

// ErrNoRoom means that a Sink has dropped a reading, as it is full.
var ErrNoRoom = errors.New("no room")

// A Sink receives what the buses read.
type Sink interface {
	// Put takes an accepted reading and numbers it. It may block if the
	// configuration asks for that. With an error the reading was not taken:
	// ErrNoRoom, or ctx ended, or the sink is closed.
	Put(ctx context.Context, r Reading) error

	// Reject counts a value that was read but does not become a reading.
	Reject(sensor, quantity string, why *Rejection)

	// Live reports that the readings of a quantity have become live, after the
	// first was put, or stale, as no good value came for the probe's StaleAfter.
	// It does not block.
	Live(sensor, quantity string, live bool)
}
