package drivers

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

// replay plays a trace recorded by sensorpub read --csv, to look at a fault again or to
// try settings on a real day. Each reading returns the next row, at its time.
var replay = Driver{
	Name:        "replay",
	Simulated:   true,
	Summary:     "a trace recorded by sensorpub read --csv",
	Quantities:  sensors.Quantities,
	AnyQuantity: true,
	Accuracy:    "as recorded; a failed read fails again",
	Wiring:      "none; record without a calibration, which would be applied twice",
	Options: []option.Option{
		{Name: "path", Default: "", Example: "/var/lib/sensorpub/trace.csv", Required: true, Doc: "absolute path of a file of 8 MiB at most, 200,000 rows"},
		{Name: "sensor", Default: "", Doc: "which sensor of the trace; optional if there is only one"},
		{Name: "quantities", Default: []string{"temperature"}, Doc: "which quantities of the sensor"},
		anyUnits,
		{Name: "speed", Default: 1.0, Max: 1e6, Doc: "10 plays ten times as fast, with a tenth of the interval; 0 returns a row at each reading"},
		{Name: "loop", Default: false, Doc: "start again after the last row; otherwise reading fails"},
	},
	configure: configureReplay,
}

// maxTrace is the greatest size of a trace in bytes. Reading one takes up to three
// times that, of the 64 MB that the service has.
const maxTrace = 8 << 20

// replayWait is how long a reading waits for its row. One that takes 15 s counts as
// hanging.
const replayWait = 10 * time.Second

// A replayProbe is a configured trace. It outlives the open sensor, so that a recorded
// failure does not restart the trace. Only the goroutine of its bus uses it.
type replayProbe struct {
	path, sensor string
	sources      []source
	speed        float64
	loop         bool

	trace *trace    // nil: not yet loaded
	next  int       // moment
	start time.Time // when the first moment was played, or would have been
}

func configureReplay(_ Host, sensor string, v option.Values) (sensors.Probe, error) {
	p := &replayProbe{path: v.String("path"), sensor: v.String("sensor"), speed: v.Float("speed"), loop: v.Bool("loop")}
	if !filepath.IsAbs(p.path) {
		return sensors.Probe{}, fmt.Errorf("options.path = %q: want an absolute path", p.path)
	}
	var err error
	if p.sources, err = chooseAny(v); err != nil {
		return sensors.Probe{}, err
	}
	for _, s := range p.sources {
		if _, known := sensors.QuantityNamed(s.Name); known && v.Texts("units")[s.Name] != "" {
			return sensors.Probe{}, fmt.Errorf("options.units = %s: the trace has the unit of each %s", option.Format(v.Texts("units")), s.Name)
		}
	}
	return sensors.Probe{Bus: "replay " + sensor, Quantities: quantitiesOf(p.sources), Open: p.open}, nil
}

// open loads the trace the first time.
func (p *replayProbe) open() (sensors.Sensor, error) {
	if p.trace != nil {
		return replaySensor{p}, nil
	}
	text, err := openRegular(p.path, maxTrace)
	if err != nil {
		return nil, homeHint(p.path, err)
	}
	defer text.Close()
	if p.trace, err = parseTrace(text, p.sensor, p.sources); err != nil {
		return nil, fmt.Errorf("%s: %w", p.path, err)
	}
	return replaySensor{p}, nil
}

// A replaySensor is an open trace.
type replaySensor struct{ probe *replayProbe }

// Read returns the next moment of the trace, at its time.
func (s replaySensor) Read(ctx context.Context) ([]sensors.Measurement, error) {
	p := s.probe
	if p.next == len(p.trace.starts) {
		if !p.loop {
			return nil, errors.New("the trace has ended")
		}
		// The last interval is repeated before the first moment.
		last := p.trace.at(p.next - 1)
		p.start = p.start.Add(p.after(last + last - p.trace.at(max(0, p.next-2))))
		p.next = 0
	}
	if p.start.IsZero() {
		p.start = time.Now()
	}
	if wait := time.Until(p.start.Add(p.after(p.trace.at(p.next)))); wait > replayWait {
		return nil, fmt.Errorf("nothing is recorded for the next %v", wait.Round(time.Second))
	} else if wait > 0 {
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
	p.next++
	return p.trace.moment(p.next-1, p.sources)
}

// after returns how long it takes to play a part of the trace.
func (p *replayProbe) after(recorded time.Duration) time.Duration {
	if p.speed == 0 {
		return 0
	}
	return time.Duration(min(float64(recorded)/p.speed, 1e18))
}

// Close does nothing.
func (s replaySensor) Close() error { return nil }
