package sensors

import "time"

// staleSlack is the most by which a value may outlive its StaleAfter.
const staleSlack = 5 * time.Second

// A freshness tracks whether a quantity's last reading is still current. The lock
// of the slot's health guards it.
type freshness struct {
	good  time.Time // time of the last good value
	live  bool      // reported as live to the sink
	stale bool      // reported as stale to the sink
}

// markGood notes a good value. It is called before the value goes to the sink, so
// that it cannot expire on the way.
func (sl *slot) markGood(i int, now time.Time) {
	sl.health.mu.Lock()
	sl.fresh[i].good = now
	sl.health.mu.Unlock()
}

// wasGood reports whether the quantity has ever had a good value.
func (sl *slot) wasGood(i int) bool {
	sl.health.mu.Lock()
	defer sl.health.mu.Unlock()
	return !sl.fresh[i].good.IsZero()
}

// isStale reports whether the quantity was reported as stale.
func (sl *slot) isStale(i int) bool {
	sl.health.mu.Lock()
	defer sl.health.mu.Unlock()
	return sl.fresh[i].stale
}

// markLive reports a quantity as live, after the sink has taken its value.
func (b *Bus) markLive(sl *slot, i int) {
	sl.health.mu.Lock()
	defer sl.health.mu.Unlock()
	if f := &sl.fresh[i]; !f.live {
		f.live, f.stale = true, false
		b.report(sl, i, true)
	}
}

// expire reports as stale the quantities that had no good value for too long. It
// returns when the next one expires, or next if that is earlier.
func (b *Bus) expire(start, now, next time.Time) time.Time {
	for _, sl := range b.list() {
		after := sl.probe.StaleAfter
		if after <= 0 {
			continue
		}
		// A reading that is due at that moment still counts if its read is fast.
		after += min(sl.probe.Interval/2, staleSlack)
		sl.health.mu.Lock()
		for i := range sl.fresh {
			f := &sl.fresh[i]
			if f.stale {
				continue
			}
			good := later(f.good, later(start, sl.since))
			if at := good.Add(after); at.After(now) {
				next = earlier(next, at)
			} else {
				b.markStale(sl, i)
			}
		}
		sl.health.mu.Unlock()
	}
	return next
}

// markAllStale reports all quantities of a probe as stale: a read hangs, and it is
// not known for how long.
func (b *Bus) markAllStale(sl *slot) {
	if sl.probe.StaleAfter <= 0 {
		return
	}
	sl.health.mu.Lock()
	defer sl.health.mu.Unlock()
	for i := range sl.fresh {
		if !sl.fresh[i].stale {
			b.markStale(sl, i)
		}
	}
}

// markStale reports a quantity as stale. The caller holds the lock.
func (b *Bus) markStale(sl *slot, i int) {
	sl.fresh[i].live, sl.fresh[i].stale = false, true
	b.report(sl, i, false)
}

// report tells the sink whether a quantity that it knows is live.
func (b *Bus) report(sl *slot, i int, live bool) {
	if !sl.probe.signal(i).Hidden {
		b.sink.Live(sl.probe.Name, sl.probe.Quantities[i].Name, live)
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
