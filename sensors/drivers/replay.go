package drivers

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// replay plays what sensorpub read --csv has recorded, to look at a fault
// again or to try settings on a real day. Each reading gives the next row, and
// waits for its time where that has not come.
var replay = Driver{
	Name:       "replay",
	Summary:    "a trace that sensorpub read --csv has recorded",
	Quantities: known,
	Accuracy:   "as recorded; a failed read is a failed read again",
	Wiring:     "none; record without a calibration, which would be applied twice",
	Options: []option.Option{
		{Name: "path", Default: "", Example: "/var/lib/sensorpub/trace.csv", Required: true, Doc: "absolute path of a file of 16 MiB at most"},
		{Name: "sensor", Default: "", Doc: "which of the trace; may be left out while there is only one"},
		{Name: "quantities", Default: []string{"temperature"}, OneOf: knownNames(), Doc: "which of the sensor's"},
		{Name: "speed", Default: 1.0, Max: 1e6, Doc: "10 plays ten times as fast as recorded, with an interval of a tenth; 0 gives a row at each reading"},
		{Name: "loop", Default: false, Doc: "begin again after the last row; otherwise reading fails then"},
	},
	configure: configureReplay,
}

// replayWait is how long a reading waits for its row. One that takes 15 s
// counts as hanging.
const replayWait = 10 * time.Second

// A replayProbe is a configured trace. It outlives the opened sensor, so that
// a recorded failure does not begin the trace anew. One goroutine at a time
// uses it, that of its bus.
type replayProbe struct {
	path, sensor string
	quantities   []sensors.Quantity
	speed        float64
	loop         bool

	moments []moment // nil: not yet loaded
	next    int
	start   time.Time // when the first moment was, or would have been, played
}

func configureReplay(_ Host, sensor string, v option.Values) (sensors.Probe, error) {
	p := &replayProbe{path: v.String("path"), sensor: v.String("sensor"), speed: v.Float("speed"), loop: v.Bool("loop")}
	if !filepath.IsAbs(p.path) {
		return sensors.Probe{}, fmt.Errorf("options.path = %q: want an absolute path", p.path)
	}
	var err error
	if p.quantities, err = chooseKnown(v.Strings("quantities")); err != nil {
		return sensors.Probe{}, err
	}
	return sensors.Probe{Bus: "replay " + sensor, Quantities: p.quantities, Open: p.open}, nil
}

// open loads the trace at the first time.
func (p *replayProbe) open() (sensors.Sensor, error) {
	if p.moments != nil {
		return replaySensor{p}, nil
	}
	text, _, err := readRegular(p.path, 16<<20)
	if err != nil {
		return nil, err
	}
	rows, err := parseTrace(withoutMark(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, err)
	}
	if p.moments, err = momentsOf(rows, p.sensor, p.quantities); err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, err)
	}
	return replaySensor{p}, nil
}

// A replaySensor is an open trace.
type replaySensor struct{ probe *replayProbe }

// Read gives the next moment of the trace, when its time has come.
func (s replaySensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	p := s.probe
	if p.next == len(p.moments) {
		if !p.loop {
			return nil, errors.New("the trace is at its end")
		}
		// As long after the last moment as that was after the one before.
		last := p.moments[p.next-1].at
		p.start = p.start.Add(p.after(last + last - p.moments[max(0, p.next-2)].at))
		p.next = 0
	}
	if p.start.IsZero() {
		p.start = time.Now()
	}
	if wait := time.Until(p.start.Add(p.after(p.moments[p.next].at))); wait > replayWait {
		return nil, fmt.Errorf("nothing is recorded for the next %v", wait.Round(time.Second))
	} else if wait > 0 {
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
	m := p.moments[p.next]
	p.next++
	return slices.Clone(m.values), m.err
}

// after returns the time that passes while so much of the trace is played.
func (p *replayProbe) after(recorded time.Duration) time.Duration {
	if p.speed == 0 {
		return 0
	}
	return time.Duration(min(float64(recorded)/p.speed, 1e18))
}

// Close has nothing to give back.
func (s replaySensor) Close() error { return nil }
