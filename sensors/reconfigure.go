package sensors

import (
	"log/slog"
	"slices"
)

// Rebus gives buses that run other probes and returns all that there are now.
// What has not changed is not touched: a probe whose name unchanged accepts
// stays as it is, open, with its filters, its health and its schedule; probes
// is asked only for its place. The others of the old are closed, and what they
// are just measuring is dropped; those of the new are opened at their first
// reading, which comes after that.
//
// A bus keeps its worker as long as it has a probe. So a read that hangs has
// no second one beside it, and costs one goroutine however often the probes
// change. A bus that has lost its probes ends, and is among those returned
// until it has. Those that old did not have are to be started.
func Rebus(old []*Bus, probes []Probe, unchanged func(name string) bool, sink Sink, log *slog.Logger, now Clock) []*Bus {
	var names []string
	byBus := make(map[string][]Probe)
	for _, p := range probes {
		if byBus[p.Bus] == nil {
			names = append(names, p.Bus)
		}
		byBus[p.Bus] = append(byBus[p.Bus], p)
	}
	var buses []*Bus
	for _, name := range names {
		i := slices.IndexFunc(old, func(b *Bus) bool { return b.Name == name && b.furnish(byBus[name], unchanged) })
		if i >= 0 {
			buses = append(buses, old[i])
			continue
		}
		b := &Bus{Name: name, sink: sink, log: log, now: now, wake: make(chan struct{}, 1)}
		b.furnish(byBus[name], unchanged)
		buses = append(buses, b)
	}
	for _, b := range old {
		if !slices.Contains(buses, b) && b.furnish(nil, unchanged) {
			buses = append(buses, b)
		}
	}
	return buses
}

// furnish gives the bus its probes. It reports false if the bus has ended and
// cannot have any.
func (b *Bus) furnish(probes []Probe, unchanged func(name string) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	var stations []*station
	for _, p := range probes {
		i := slices.IndexFunc(b.stations, func(st *station) bool { return st.probe.Name == p.Name })
		if i >= 0 && unchanged(p.Name) {
			stations = append(stations, b.stations[i])
		} else {
			stations = append(stations, newStation(p))
		}
	}
	for _, st := range b.stations {
		if !slices.Contains(stations, st) {
			st.gone.Store(true)
			b.leaving = append(b.leaving, st)
		}
	}
	b.stations = stations
	b.stir()
	return true
}

// dismiss closes the probes that were taken away. It reports whether none is
// left, and from then on the bus takes no others. It is the worker's.
func (b *Bus) dismiss() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.leaving) > 0 {
		st := b.leaving[0]
		b.leaving = b.leaving[1:]
		b.mu.Unlock() // closing may take long
		if st.sensor != nil {
			st.sensor.Close()
		}
		b.mu.Lock()
	}
	b.over = len(b.stations) == 0
	return b.over
}

// list returns the probes of the present.
func (b *Bus) list() []*station {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stations
}

// stir wakes the worker.
func (b *Bus) stir() {
	select {
	case b.wake <- struct{}{}:
	default: // it has been woken and will look at every probe
	}
}
