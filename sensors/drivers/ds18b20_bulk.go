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

// A OneWire is shared by the probes of the kernel's 1-Wire buses, so that those
// that are due together convert together: reading the first makes all probes of
// its bus convert, and the others return that conversion. The zero OneWire is
// ready to use. Only the goroutine of the bus uses it.
//
// Writing "trigger" to the kernel's file therm_bulk_read returns when all have
// converted (Documentation/w1/slaves/w1_therm.rst). A probe that was not read
// since then returns its old conversion at its next reading, however old it is. So
// a conversion is used for a short while only, and a probe that may still hold an
// older one converts again.
type OneWire struct {
	Log *slog.Logger // set before the first reading; may be nil

	known map[string]bool // configured ids; "" is a probe without one
	line  *w1Line
}

// A w1Line is kept when the configuration changes.
type w1Line struct {
	known   atomic.Pointer[map[string]bool] // of the present configuration
	masters map[string]*w1Master
	said    map[string]bool // lines already in the log
	looked  time.Time       // last look for probes that are not configured
}

// A w1Master is a bus and its last conversion.
type w1Master struct {
	converted time.Time
	read      map[string]bool // probes that were read since
	retry     time.Time       // earliest time of the next trigger
	unawaited int             // triggers in a row that returned at once, although a probe was there
}

// Times of the 1-Wire bus that need no option.
const (
	w1Fresh = 2 * time.Second  // how long a conversion is used
	w1Pause = 5 * time.Second  // after a trigger that failed once: the rest of the turn
	w1Retry = 10 * time.Minute // where converting together does not work
	w1Look  = time.Minute      // between looks for unknown probes
)

// maxUnawaited is how many triggers in a row have to return at once, with a probe on
// the bus, before the kernel counts as one that does not wait for a conversion. One
// that does wait returns at once, too, while no probe is there.
const maxUnawaited = 3

// add notes a configured probe.
func (o *OneWire) add(id string) {
	if o.known == nil {
		o.known = make(map[string]bool)
		o.line = &w1Line{masters: make(map[string]*w1Master), said: make(map[string]bool)}
		o.line.known.Store(&o.known)
	}
	o.known[id] = true
}

// TakeOver makes the probes of o share with those of old, some of which may continue.
// Ids that only old knows are no longer configured. It is called before the first
// reading of o's probes, while some of old may be in progress.
func (o *OneWire) TakeOver(old *OneWire) {
	if old.line == nil {
		return
	}
	old.line.known.Store(&o.known)
	o.line = old.line
}

// convert makes sure that the next reading of the probe does not return an old
// conversion. Where the probes cannot convert together, each converts when it is
// read.
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
		switch err := s.trigger(); {
		case err == nil:
			m.converted, m.read, m.unawaited = time.Now(), map[string]bool{s.id: true}, 0
			return
		case errors.Is(err, errUnawaited):
			m.retry, s.unawaited = time.Now().Add(w1Pause), true
		case mayPass(err):
			m.retry = time.Now().Add(w1Pause)
		default:
			o.giveUp(s, err)
		}
	}
	s.drain()
}

// judge decides, after a reading of the probe, whether a trigger that returned at once
// means anything: only if a probe was there to convert.
func (o *OneWire) judge(s *w1Sensor, err error) {
	if !s.unawaited {
		return
	}
	s.unawaited = false
	if err != nil {
		return
	}
	m := o.line.masters[s.master]
	if m.unawaited++; m.unawaited >= maxUnawaited {
		o.giveUp(s, errUnawaited)
	}
}

// giveUp lets the probes of the bus convert one after the other for a while.
func (o *OneWire) giveUp(s *w1Sensor, err error) {
	o.line.masters[s.master].retry = time.Now().Add(w1Retry)
	o.say("1-Wire probes convert one after the other", "bus", filepath.Base(s.master), "cause", err.Error())
}

// look logs, once, each probe that no sensor is configured for. A sensor without an
// id reads whichever probe is there.
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

// say logs a line once.
func (o *OneWire) say(message string, args ...any) {
	key := fmt.Sprint(message, args[:2])
	if o.Log != nil && !o.line.said[key] {
		o.line.said[key] = true
		o.Log.Info(message, args...)
	}
}

// A W1Probe is a 1-Wire thermometer known to the kernel.
type W1Probe struct {
	ID  string // for options.id
	Bus string // "w1_bus_master1"; "" where it cannot be told
}

// W1Probes lists the 1-Wire thermometers of a machine by id.
func W1Probes(h Host) ([]W1Probe, error) {
	names, err := h.names(w1Devices)
	var found []W1Probe
	for _, name := range names {
		if isW1ID(name) {
			master := w1MasterOf(filepath.Join(h.path(w1Devices), name))
			found = append(found, W1Probe{name, strings.TrimPrefix(filepath.Base(master), ".")})
		}
	}
	return found, err
}

// w1MasterOf returns the directory of a probe's bus, or "".
func w1MasterOf(dir string) string {
	real, err := filepath.EvalSymlinks(dir)
	if master := filepath.Dir(real); err == nil && strings.HasPrefix(filepath.Base(master), "w1_bus_master") {
		return master
	}
	return ""
}
