package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/publisher"
	"sensorpub/sensors"
)

const readDetail = `Opens the configured sensors, reads each of them, and prints what it measures.
No broker is needed. Values are calibrated, checked against their range and
converted to their unit. The spike filter, smoothing and the deadband are not
applied, because they need more than one value. An optional sensor that is not
present is left out, unless --sensor names it. With --count, each sensor is read
several times, at its interval. The exit code is 1 if a read failed.`

// read prints readings without a broker.
func read(ctx context.Context, e *env) error {
	fs := e.flags()
	count := fs.Int("count", 1, "read each sensor `N` times")
	only := e.sensorFlag(fs, "read only the sensor with that `NAME`")
	asJSON := e.jsonFlag(fs)
	asCSV := fs.Bool("csv", false, "print comma-separated values with a header")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	switch {
	case *count < 1:
		return e.misuse(fmt.Errorf("--count %d: want 1 or more", *count))
	case *asJSON && *asCSV:
		return e.misuse(errors.New("use --json or --csv, not both"))
	}
	if err := e.checkSensorFlag(*only); err != nil {
		return err
	}
	c, err := e.load(ctx)
	if err != nil {
		return err
	}
	if len(*only) > 0 {
		if err := limitTo(c, *only); err != nil {
			return wrong(err)
		}
	}
	r := &reader{now: time.Now, convert: c.Convert, print: newPrinter(e, c, *asJSON, *asCSV), held: make(map[string]string)}
	return r.run(ctx, c.Probes, *count)
}

// limitTo removes all sensors but those with these names from the configuration.
func limitTo(c *config.Config, names []string) error {
	var (
		kept   []config.Sensor
		probes []sensors.Probe
		routes []publisher.Route
	)
	for i, s := range c.Sensors {
		if slices.Contains(names, s.Name) {
			p := c.Probes[i]
			p.IfPresent = false // it was requested
			kept, probes, routes = append(kept, s), append(probes, p), append(routes, s.Routes...)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(kept, func(s config.Sensor) bool { return s.Name == name }) {
			return c.NoSensor(name)
		}
	}
	c.Sensors, c.Probes, c.Routes = kept, probes, routes
	return nil
}

// A reader reads probes one at a time, each when it is due.
type reader struct {
	convert func(sensors.Reading) sensors.Reading // to the unit that is published
	now     func() time.Time
	print   printer
	held    map[string]string // the sensor whose read hangs, by bus
	reads   int
	failed  int
}

// A turn is a probe with reads left to do.
type turn struct {
	probe  sensors.Probe
	sensor sensors.Sensor // nil: to be opened
	due    time.Time
	left   int // reads still to come
	seq    uint64
}

// run reads each probe count times, or until ctx ends.
func (r *reader) run(ctx context.Context, probes []sensors.Probe, count int) error {
	turns := make([]turn, len(probes))
	for i, p := range probes {
		turns[i] = turn{probe: p, due: r.now(), left: count}
	}
	defer func() {
		for i := range turns {
			if t := &turns[i]; r.held[t.probe.Bus] == "" && t.sensor != nil {
				t.sensor.Close()
			}
		}
	}()
	for t := next(turns); t != nil; t = next(turns) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(t.due.Sub(r.now())):
		}
		t.left--
		t.due = r.now().Add(t.probe.Interval)
		if r.visit(ctx, t); ctx.Err() != nil {
			return nil
		}
	}
	if r.failed > 0 {
		return fmt.Errorf("read sensors: %d of %d reads failed", r.failed, r.reads)
	}
	if r.reads == 0 && len(probes) > 0 {
		return errors.New("read sensors: all are optional, and none of their devices has answered; --sensor NAME says why")
	}
	return nil
}

// next returns the turn that is due first, or nil if none is left.
func next(turns []turn) *turn {
	var first *turn
	for i := range turns {
		if t := &turns[i]; t.left > 0 && (first == nil || t.due.Before(first.due)) {
			first = t
		}
	}
	return first
}

// visit reads a probe and prints the result.
func (r *reader) visit(ctx context.Context, t *turn) {
	values, err := r.measure(ctx, t)
	if ctx.Err() != nil || t.probe.Absent(err) {
		return
	}
	r.reads++
	t.seq++
	at := r.now()
	if err == nil {
		var readings []sensors.Reading
		readings, err = t.probe.Readings(values, at)
		for _, reading := range readings {
			reading.Seq = t.seq
			r.print.reading(r.convert(reading))
		}
	}
	if err != nil {
		r.failed++
		r.print.failure(t.probe.Name, at, err)
	}
}

// measure reads a probe with a timeout, because a read that hangs cannot be
// cancelled. The other probes on its bus are then not read.
func (r *reader) measure(ctx context.Context, t *turn) ([]sensors.Measurement, error) {
	if by := r.held[t.probe.Bus]; by != "" {
		return nil, fmt.Errorf("its bus is blocked by the read of %s", by)
	}
	type result struct {
		values []sensors.Measurement
		err    error
	}
	got, err := timeout.Run(ctx, sensors.StuckAfter, func() result {
		values, err := t.probe.Measure(ctx, &t.sensor)
		return result{values, err}
	})
	if err != nil {
		r.held[t.probe.Bus] = t.probe.Name
		return nil, fmt.Errorf("read: %w", err)
	}
	return got.values, got.err
}
