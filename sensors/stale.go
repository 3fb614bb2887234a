package sensors

import "time"

// staleSlack is how much later than its StaleAfter a value is stale at most.
const staleSlack = 5 * time.Second

// A freshness tells whether a quantity's last reading may still be taken for
// the present. The lock of the station's state guards it.
type freshness struct {
	good  time.Time // when there was a good value last
	live  bool      // the sink was told that the values are live
	stale bool      // the sink was told that they are not
}

// arrive notes a good value. It comes before the sink takes the value, so that
// it does not expire on its way.
func (st *station) arrive(i int, now time.Time) {
	st.state.mu.Lock()
	st.fresh[i].good = now
	st.state.mu.Unlock()
}

// isStale tells whether the sink was told that the values are not live.
func (st *station) isStale(i int) bool {
	st.state.mu.Lock()
	defer st.state.mu.Unlock()
	return st.fresh[i].stale
}

// revive tells the sink that a quantity is live, after it has taken the value
// that shows it.
func (b *Bus) revive(st *station, i int) {
	st.state.mu.Lock()
	defer st.state.mu.Unlock()
	if f := &st.fresh[i]; !f.live {
		f.live, f.stale = true, false
		b.sink.Live(st.probe.Name, st.probe.Quantities[i].Name, true)
	}
}

// expire tells the sink which quantities have had no good value for too long,
// and returns when the next will have had none, or a later time.
func (b *Bus) expire(start, now, next time.Time) time.Time {
	for _, st := range b.list() {
		after := st.probe.StaleAfter
		if after <= 0 {
			continue
		}
		// The reading that is due at that moment still counts, if its read
		// does not take long.
		after += min(st.probe.Interval/2, staleSlack)
		st.state.mu.Lock()
		for i := range st.fresh {
			f := &st.fresh[i]
			if f.stale {
				continue
			}
			good := later(f.good, later(start, st.since))
			if at := good.Add(after); at.After(now) {
				next = earlier(next, at)
			} else {
				b.spoil(st, i)
			}
		}
		st.state.mu.Unlock()
	}
	return next
}

// spoilAll tells the sink that no quantity of a probe is live, because a read
// hangs and it is not known for how long.
func (b *Bus) spoilAll(st *station) {
	if st.probe.StaleAfter <= 0 {
		return
	}
	st.state.mu.Lock()
	defer st.state.mu.Unlock()
	for i := range st.fresh {
		if !st.fresh[i].stale {
			b.spoil(st, i)
		}
	}
}

// spoil tells the sink that a quantity is not live. The caller holds the lock.
func (b *Bus) spoil(st *station, i int) {
	st.fresh[i].live, st.fresh[i].stale = false, true
	b.sink.Live(st.probe.Name, st.probe.Quantities[i].Name, false)
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
