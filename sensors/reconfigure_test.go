package sensors

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyWhatHasChangedIsTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &fake{name: "kept", bus: "1", interval: 10 * time.Second}
		kept.read = func(n int) ([]Measurement, error) { return celsius([]float64{20, 90, 91, 92, 93}[n]), nil }
		kept.signals = []Signal{{Filter: Filter{MaxStep: 5, Confirmations: 2}}}
		changed := &fake{name: "changed", bus: "1", interval: 10 * time.Second}
		removed := &fake{name: "removed", bus: "1", interval: 10 * time.Second}
		alone := &fake{name: "alone", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, kept, changed, removed, alone)

		r.until(kept, 15*time.Second)
		anew := &fake{name: "changed", bus: "1", interval: 5 * time.Second}
		added := &fake{name: "added", bus: "3", interval: 10 * time.Second}
		r.reconfigure(anew, kept, added)
		wantTimes(t, "changed closed", changed.times(&changed.closed), seconds(15))
		wantTimes(t, "removed closed", removed.times(&removed.closed), seconds(15))
		wantTimes(t, "alone closed", alone.times(&alone.closed), seconds(15))
		if len(r.buses) != 3 {
			t.Errorf("got %d buses, want 1, 3, and the one that ends", len(r.buses))
		}

		r.until(kept, 42*time.Second)
		wantTimes(t, "kept opened", kept.times(&kept.opened), seconds(0))
		wantTimes(t, "kept", kept.times(&kept.began), seconds(0, 10, 20, 30, 40))
		if n := len(kept.times(&kept.closed)); n != 0 {
			t.Errorf("kept: got %d closed, want none", n)
		}
		// The steps count on: 90 at 10 s is the first of those that confirm.
		if want := []string{"kept temperature step", "kept temperature step"}; !slices.Equal(r.sink.rejected, want) {
			t.Errorf("got %q rejected, want %q", r.sink.rejected, want)
		}
		wantTimes(t, "changed before", changed.times(&changed.began), seconds(0, 10))
		// Since its own start: at once, then at whole intervals of the scheduler's.
		wantTimes(t, "changed", anew.times(&anew.began), seconds(0, 5, 10, 15, 20, 25))
		wantTimes(t, "added", added.times(&added.began), seconds(0, 5, 15, 25))
		wantTimes(t, "removed", removed.times(&removed.began), seconds(0, 10))
		wantTimes(t, "alone", alone.times(&alone.began), seconds(0, 10))

		r.reconfigure(anew, kept, added)
		if len(r.buses) != 2 {
			t.Errorf("got %d buses, want those that have probes", len(r.buses))
		}
		r.status("kept")
	})
}

// While a read hangs no other transaction begins on its bus, whatever is
// configured meanwhile, and there is no second worker.
func TestReconfigureOfABusThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hung := &fake{name: "a", bus: "1", interval: 10 * time.Second}
		hung.read = func(int) ([]Measurement, error) {
			<-release
			return celsius(99), nil
		}
		behind := &fake{name: "behind", bus: "1", interval: 10 * time.Second}
		other := &fake{name: "other", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, hung, behind, other)
		bus := r.buses[0]

		var last *fake
		for i := range 20 {
			r.until(hung, time.Duration(i)*time.Second+500*time.Millisecond)
			if i%3 == 0 {
				r.reconfigure(other) // nothing is left on the bus
			} else {
				last = &fake{name: "a", bus: "1", interval: 10 * time.Second}
				r.reconfigure(last, other)
			}
			if len(r.buses) != 2 || !slices.Contains(r.buses, bus) {
				t.Fatalf("got %d buses, want the one that hangs and another", len(r.buses))
			}
			if n := len(openings(last)); n != 0 {
				t.Fatalf("got %d opened while the bus hangs, want none", n)
			}
		}
		close(release)
		synctest.Wait()
		wantTimes(t, "closed", hung.times(&hung.closed), seconds(19.5))
		wantTimes(t, "behind", behind.times(&behind.began), nil)
		if n := len(last.times(&last.began)); n != 1 {
			t.Errorf("got %d reads of the new probe, want 1", n)
		}
		r.until(hung, 29*time.Second)
		for _, reading := range r.sink.readings {
			if reading.Value == 99 {
				t.Errorf("got %v, want nothing of a probe that was taken away", reading)
			}
		}
		wantTimes(t, "other", other.times(&other.began), seconds(0, 10, 20))
	})
}

func openings(f *fake) []time.Duration {
	if f == nil {
		return nil
	}
	return f.times(&f.opened)
}

func TestBusThatHasLostItsProbesEndsAndCanComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &fake{name: "a", bus: "1", interval: 10 * time.Second, stale: 20 * time.Second}
		b := &fake{name: "b", bus: "2", interval: 10 * time.Second}
		r := run(t, &store{}, a, b)
		first := r.buses[0]
		r.until(a, time.Hour+5*time.Second)
		r.reconfigure(b)
		if !first.over {
			t.Error("the worker has not ended")
		}
		told := make(chan string, 10)
		r.sink.mu.Lock()
		r.sink.told = func(s string) { told <- s }
		r.sink.mu.Unlock()
		again := &fake{name: "a", bus: "1", interval: 10 * time.Second, stale: 20 * time.Second}
		again.read = func(int) ([]Measurement, error) { return nil, errIO }
		r.reconfigure(b, again)
		if len(r.buses) != 2 || slices.Contains(r.buses, first) {
			t.Errorf("got %v, want another bus of the name", r.buses)
		}
		wantTimes(t, "a", again.times(&again.opened), seconds(0))
		// It has its time from then on, not since the start.
		r.until(again, 24*time.Second)
		if len(told) != 0 {
			t.Errorf("got %q, want nothing yet", <-told)
		}
		r.until(again, 31*time.Second)
		if got, want := <-told, "a temperature false"; got != want || len(told) != 0 {
			t.Errorf("got %q and %d more, want %q", got, len(told), want)
		}
	})
}
