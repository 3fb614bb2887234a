package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/publisher"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

const (
	// sampleFor bounds the reads of one sensor.
	sampleFor = 60 * time.Second
	// goneAfter is the number of unanswered reads after which a sensor
	// counts as gone.
	goneAfter = 3
	// badRate is the share of failed reads above which a sensor fails the
	// check. With a good cable none fail.
	badRate = 0.05
)

// A tally is the result of several reads of a sensor.
type tally struct {
	reads  int
	causes map[string]int // of failed reads
	last   error
	values string // of the last good one

	readings []sensors.Reading // the same
}

// noAnswer is the cause of reads that gave no value at all.
const noAnswer = "no answer"

func (t *tally) failures() (n int) {
	for _, times := range t.causes {
		n += times
	}
	return n
}

// A sampler reads the configured sensors and reports on each.
type sampler struct {
	*report
	config *config.Config
	host   drivers.Host
	reads  int                  // per sensor
	reader func(bus string) int // as Doctor.Reader
}

// check reads each sensor several times, except on broken buses, and returns the
// last good readings by sensor.
func (s *sampler) check(ctx context.Context, broken map[string]bool) map[string][]sensors.Reading {
	readings := make(map[string][]sensors.Reading)
	for i, p := range s.config.Probes {
		if broken[p.Bus] {
			s.say(statusSkip, p.Name, "not read, because of its bus")
			continue
		}
		precision := s.config.Sensors[i].Precision
		t, err := timeout.Run(ctx, sampleFor+sensors.StuckAfter, func() tally { return s.sample(ctx, p, precision) })
		if ctx.Err() != nil {
			return readings
		}
		if err != nil {
			broken[p.Bus] = true
			s.say(statusFail, p.Name, "read: "+err.Error(), "unplug it and plug it in again; if that does not help, reboot")
			continue
		}
		readings[p.Name] = t.readings
		s.sum(i, &t)
	}
	return readings
}

// checkSimulated names the sensors that measure nothing.
func checkSimulated(r *report, all []config.Sensor) {
	for _, s := range all {
		if drivers.IsSimulated(s.Driver) {
			r.say(statusWarn, "simulated", fmt.Sprintf("%s: driver = %q measures nothing, but is published like a measurement", s.Name, s.Driver),
				"for a real sensor: sensorpub scan --toml")
		}
	}
}

// sample reads a sensor until it was read often enough, turns out to be gone,
// or the time is up. A sensor that runs a command is read once.
func (s *sampler) sample(ctx context.Context, p sensors.Probe, precision int) tally {
	t := tally{causes: make(map[string]int)}
	reads, end := s.reads, time.Now().Add(sampleFor)
	if p.Driver == "exec" {
		reads = 1
	}
	var opened sensors.Sensor
	defer func() {
		if opened != nil {
			opened.Close()
		}
	}()
	for t.reads < reads && ctx.Err() == nil && time.Now().Before(end) {
		if t.causes[noAnswer] == t.reads && t.reads >= goneAfter {
			break
		}
		values, err := p.Measure(ctx, &opened)
		t.reads++
		s.add(&t, p, values, err, precision)
	}
	return t
}

// add adds one read to a tally.
func (s *sampler) add(t *tally, p sensors.Probe, values []sensors.Measurement, err error, precision int) {
	var (
		words    []string
		readings []sensors.Reading
	)
	if err == nil {
		readings, err = p.Readings(values, time.Now())
	}
	for i, r := range readings {
		readings[i] = s.config.Convert(r)
		words = append(words, strings.TrimSpace(decimal(readings[i], precision)+" "+readings[i].Unit))
	}
	var rejection *sensors.Rejection
	switch {
	case err == nil:
		t.values, t.readings = strings.Join(words, ", "), readings
	case errors.As(err, &rejection):
		t.causes[string(rejection.Reason)]++
		t.last = err
	default:
		t.causes[noAnswer]++
		t.last = err
	}
}

// decimal formats a value as the text encoding does.
func decimal(r sensors.Reading, precision int) string {
	b, err := publisher.Text{Precision: precision}.Encode(r)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// sum reports the result for the i-th sensor.
func (s *sampler) sum(i int, t *tally) {
	p, failed := s.config.Probes[i], t.failures()
	if failed == 0 {
		s.say(statusOK, p.Name, fmt.Sprintf("%s; %d of %s good", t.values, t.reads, count(t.reads, "read")))
		return
	}
	if t.causes[noAnswer] == t.reads && p.Absent(t.last) {
		s.say(statusSkip, p.Name, "optional, not present: "+t.last.Error())
		return
	}
	status := statusWarn
	if float64(failed) > badRate*float64(t.reads) {
		status = statusFail
	}
	finding := fmt.Sprintf("%d of %s failed (%s), the last: %v", failed, count(t.reads, "read"), t.words(), t.last)
	if failed == t.reads {
		finding = t.last.Error()
	}
	s.say(status, p.Name, finding, s.remedies(i, t)...)
}

// words lists the causes: "2 crc, 1 no answer".
func (t *tally) words() string {
	var all []string
	for cause, n := range t.causes {
		all = append(all, fmt.Sprintf("%d %s", n, cause))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// remedies returns what to do about failed reads.
func (s *sampler) remedies(i int, t *tally) []string {
	p, options := s.config.Probes[i], s.config.Sensors[i].Options
	onWire := p.Driver == "ds18b20" || p.Driver == "w1netlink" || p.Driver == "ds2482"
	gone := t.causes[noAnswer] == t.reads
	garbled := t.causes[string(sensors.CRC)] + t.causes[string(sensors.AllZero)]
	var hints []string
	if gone && strings.HasPrefix(p.Bus, "i2c-") {
		on := drivers.Scanner{Host: s.host, Passive: s.reader(p.Bus) > 0}
		for _, at := range on.Elsewhere(p.Driver, options) {
			hints = append(hints, fmt.Sprintf("a chip for %s answers at %#x: set address = %#x in its options", p.Driver, at, at))
		}
		hints = append(hints, "sensorpub scan lists what answers on the bus")
	}
	switch {
	case onWire && !gone && garbled+t.causes[noAnswer] > 0:
		hints = append(hints, "a weak pull-up is likely: 4.7 kΩ from DQ to 3.3 V, 2.2 kΩ for a long cable or many probes; no star wiring, VDD connected")
	case garbled > 0:
		hints = append(hints, "check the cable, its length and the supply at the probe")
	}
	if t.causes[string(sensors.PowerOn)] > 0 {
		hints = append(hints, "the probe loses its power while it converts: connect VDD to 3.3 V, shorten the cable")
	}
	if pid := s.reader(p.Bus); pid > 0 && !gone {
		hints = append(hints, fmt.Sprintf("the daemon (process %d) reads from the same bus: stop it, then try again", pid))
	}
	return hints
}
