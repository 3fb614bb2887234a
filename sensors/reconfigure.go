package sensors

import (
	"log/slog"
	"slices"
)

// Reconfigure replaces the probes of running buses and returns all buses. A probe
// for whose name unchanged returns true stays open and keeps its filters, health
// and schedule; only its position in probes counts. Other old probes are closed
// and the results of reads in progress discarded; new ones are opened at their
// first reading, after that.
//
// A bus keeps its worker while it has a probe, so it never has two reads at once,
// and a hanging read costs one goroutine however often the probes change. A bus
// without probes ends, and is among those returned until it has. The caller
// starts the buses that are not in old.
func Reconfigure(old []*Bus, probes []Probe, unchanged func(name string) bool, sink Sink, log *slog.Logger, now Clock) []*Bus {
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
		i := slices.IndexFunc(old, func(b *Bus) bool { return b.Name == name && b.setProbes(byBus[name], unchanged) })
		if i >= 0 {
			buses = append(buses, old[i])
			continue
		}
		b := &Bus{Name: name, sink: sink, log: log, now: now, work: make(chan struct{}, 1)}
		b.setProbes(byBus[name], unchanged)
		buses = append(buses, b)
	}
	for _, b := range old {
		if !slices.Contains(buses, b) && b.setProbes(nil, unchanged) {
			buses = append(buses, b)
		}
	}
	return buses
}

// setProbes replaces the probes. It reports false if the bus has ended.
func (b *Bus) setProbes(probes []Probe, unchanged func(name string) bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	var slots []*slot
	for _, p := range probes {
		i := slices.IndexFunc(b.slots, func(sl *slot) bool { return sl.probe.Name == p.Name })
		if i >= 0 && unchanged(p.Name) {
			slots = append(slots, b.slots[i])
		} else {
			slots = append(slots, newSlot(p))
		}
	}
	for _, sl := range b.slots {
		if !slices.Contains(slots, sl) {
			sl.removed.Store(true)
			b.removed = append(b.removed, sl)
		}
	}
	b.slots = slots
	if len(b.removed) > 0 {
		b.wake() // to close them
	}
	return true
}

// closeRemoved closes removed probes. It reports whether none are left; from then
// on the bus takes no others. Only the worker calls it.
func (b *Bus) closeRemoved() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.removed) > 0 {
		sl := b.removed[0]
		b.removed = b.removed[1:]
		b.mu.Unlock() // closing may take long
		if sl.sensor != nil {
			sl.sensor.Close()
		}
		b.mu.Lock()
	}
	b.over = len(b.slots) == 0
	return b.over
}

// list returns the present slots.
func (b *Bus) list() []*slot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.slots
}

// wake wakes the worker without blocking.
func (b *Bus) wake() {
	select {
	case b.work <- struct{}{}:
	default: // already woken, it will look at every slot
	}
}
