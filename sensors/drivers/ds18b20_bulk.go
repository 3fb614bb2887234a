package drivers

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// A OneWire is what the probes of the kernel's 1-Wire buses share, so that
// those that are due together convert together: the first to be read makes
// all of its bus convert, the others give what they have converted then. The
// zero OneWire is ready. One goroutine at a time uses it, that of the bus.
//
// The kernel's file therm_bulk_read takes "trigger" and returns when all have
// converted (Documentation/w1/slaves/w1_therm.rst). Each probe that was not
// read since then gives its old conversion at its next reading, however long
// ago that was. So a conversion is used for a short while, and a probe that
// may still hold an older one converts again.
type OneWire struct {
	Log *slog.Logger // set before the first reading; nil: nothing is logged

	known map[string]bool // the configured ids; "" is a probe without one
	line  *w1Line
}

// A w1Line is what goes on when the configuration changes.
type w1Line struct {
	known   atomic.Pointer[map[string]bool] // of the present configuration
	masters map[string]*w1Master
	said    map[string]bool // what is in the log once already
	looked  time.Time       // for probes that are not configured
}

// A w1Master is a bus and its last conversion.
type w1Master struct {
	converted time.Time
	read      map[string]bool // probes that were read since
	retry     time.Time       // not tried again before
}

// Times of the 1-Wire bus that are not worth an option.
const (
	w1Fresh = 2 * time.Second  // a conversion is used for that long
	w1Retry = 10 * time.Minute // where converting together does not work
	w1Look  = time.Minute      // between looks for unknown probes
)

// add notes a configured probe.
func (o *OneWire) add(id string) {
	if o.known == nil {
		o.known = make(map[string]bool)
		o.line = &w1Line{masters: make(map[string]*w1Master), said: make(map[string]bool)}
		o.line.known.Store(&o.known)
	}
	o.known[id] = true
}

// TakeOver lets the probes of o share with those of old, some of which may go
// on. The ids that only old knows are not configured any more. It comes before
// the first reading of o's, while those of old may be under way.
func (o *OneWire) TakeOver(old *OneWire) {
	if old.line == nil {
		return
	}
	old.line.known.Store(&o.known)
	o.line = old.line
}

// convert makes sure that the next reading of the probe is not of an old
// conversion. Where the probes cannot convert together, each does it when it
// is read.
func (o *OneWire) convert(s *w1Sensor) {
	o.look(s.probe)
	if s.master == "" {
		return
	}
	if o.line.masters[s.master] == nil {
		o.line.masters[s.master] = &w1Master{}
	}
	m := o.line.masters[s.master]
	now := time.Now()
	if !m.read[s.id] && now.Sub(m.converted) < w1Fresh {
		m.read[s.id] = true
		return
	}
	together := len(*o.line.known.Load()) > 1 && !strings.HasPrefix(s.id, "42-") // the kernel leaves a DS28EA00 out
	if together && !now.Before(m.retry) {
		err := s.trigger()
		if err == nil {
			m.converted, m.read = time.Now(), map[string]bool{s.id: true}
			return
		}
		m.retry = time.Now().Add(w1Retry)
		o.say("1-Wire probes convert one after the other", "bus", filepath.Base(s.master), "cause", err.Error())
	}
	s.drain()
}

// trigger makes all probes of the bus convert and waits for it. The kernel
// reports no error of it: it returns too soon when it did nothing, and also
// when a signal of this process ended its wait.
func (s *w1Sensor) trigger() error {
	millis, err := readNumber(filepath.Join(s.dir, "conv_time"))
	if err != nil {
		return err
	}
	if millis <= 0 {
		return fmt.Errorf("conv_time is %v, want more than 0", millis)
	}
	for range 2 {
		start := time.Now()
		if err := s.probe.host.writeFile(filepath.Join(s.master, "therm_bulk_read"), "trigger\n"); err != nil {
			return err
		}
		if time.Since(start) >= time.Duration(millis)*time.Millisecond {
			return nil
		}
	}
	return errors.New("the kernel does not wait for the conversion")
}

// drain discards the conversion that some probe of the bus, and perhaps this
// one, still holds from an earlier trigger.
func (s *w1Sensor) drain() {
	status, err := readSysfs(filepath.Join(s.master, "therm_bulk_read"))
	if err == nil && strings.TrimSpace(string(status)) == "1" {
		s.probe.host.readFile(filepath.Join(s.dir, "w1_slave")) // its error comes again
	}
}

// look names in the log, once, each probe that no sensor is configured for.
// A sensor without an id takes whichever is there.
func (o *OneWire) look(p *w1Probe) {
	known := *o.line.known.Load()
	if o.Log == nil || known[""] || time.Since(o.line.looked) < w1Look {
		return
	}
	o.line.looked = time.Now()
	found, err := W1Probes(p.host)
	if err != nil {
		return // opening a probe says why
	}
	for _, w := range found {
		if !known[w.ID] {
			o.say("1-Wire probe without a sensor", "id", w.ID, "bus", w.Bus)
		}
	}
}

// say logs a line that was not logged before.
func (o *OneWire) say(message string, args ...any) {
	key := fmt.Sprint(message, args[:2])
	if o.Log != nil && !o.line.said[key] {
		o.line.said[key] = true
		o.Log.Info(message, args...)
	}
}

// A W1Probe is a 1-Wire thermometer that the kernel sees.
type W1Probe struct {
	ID  string // for options.id
	Bus string // "w1_bus_master1"; "" where it cannot be told
}

// W1Probes lists the 1-Wire thermometers of a machine, sorted by id.
func W1Probes(h Host) ([]W1Probe, error) {
	names, err := h.names(w1Devices)
	var found []W1Probe
	for _, name := range names {
		if w1ID.MatchString(name) {
			master := w1MasterOf(filepath.Join(h.path(w1Devices), name))
			found = append(found, W1Probe{name, strings.TrimPrefix(filepath.Base(master), ".")})
		}
	}
	return found, err
}

// w1MasterOf returns the directory of the bus to which a probe's leads, or "".
func w1MasterOf(dir string) string {
	real, err := filepath.EvalSymlinks(dir)
	if master := filepath.Dir(real); err == nil && strings.HasPrefix(filepath.Base(master), "w1_bus_master") {
		return master
	}
	return ""
}
