package e2e

import (
	"testing"
	"time"
)

// The promises of each backlog mode are in docs/delivery.md: the newest reading
// first and retained on every connection, then as the mode says.

func TestMosquittoKilledTwentyTimes(t *testing.T) {
	t.Parallel()
	kills := 20
	if testing.Short() {
		kills = 3
	}
	o := startOutages(t, "replay", 50*time.Millisecond)
	o.run(kills)
	a, live, history := o.stop()
	checkComplete(t, a, acked(live...))
	checkOrder(t, live)
	if len(history) > 0 {
		t.Errorf("got %d messages to %s, want none", len(history), historyTopic)
	}
	links := byLink(live, o.lastLink())
	o.checkBeginnings(links)
	for _, p := range links {
		checkReplay(t, p)
	}
	if last := live[len(live)-1]; !last.retain || last.seq != a.read { // the others may be cut short
		t.Errorf("the last connection ends with reading %d, retained: %v, want the newest of %d", last.seq, last.retain, a.read)
	}
	if most := a.read + (16+2)*o.lastLink(); len(live) > most {
		t.Errorf("got %d messages for %d readings", len(live), a.read)
	}
}

// checkReplay checks one connection: the newest first, retained; the backlog
// in order and not retained.
func checkReplay(t *testing.T, p []published) {
	t.Helper()
	if len(p) == 0 {
		return
	}
	if !p[0].retain {
		t.Errorf("connection %d begins with reading %d, which is not retained", p[0].link, p[0].seq)
	}
	fresh, backlog := onlyRetained(p, true), onlyRetained(p, false)
	checkAscending(t, "retained", fresh)
	checkAscending(t, "backlog", backlog)
	for _, b := range backlog {
		if b.seq > fresh[len(fresh)-1].seq {
			t.Errorf("connection %d: reading %d is newer than any that was retained", b.link, b.seq)
		}
	}
}

func TestBacklogLatestSendsTheNewestOnly(t *testing.T) {
	t.Parallel()
	o := startOutages(t, "latest", 50*time.Millisecond)
	o.run(3)
	a, live, history := o.stop()
	checkAscending(t, "live", live)
	o.checkBeginnings(byLink(live, o.lastLink()))
	if n := len(onlyRetained(live, false)) + len(history); n > 0 {
		t.Errorf("got %d messages without the retain flag or to the history, want none", n)
	}
	if a.superseded < 3 || a.dropped+a.rejected+a.queued > 0 {
		t.Errorf("got %+v, want the backlog superseded", a)
	}
	// An acknowledgement can be lost with its connection, but none can be
	// invented.
	if n := len(acked(live...)); a.acknowledged > n || a.read-n > a.superseded {
		t.Errorf("got %+v, but %d readings with a PUBACK", a, n)
	}
}

func TestBacklogHistoryGoesToItsOwnTopicAfterTheNewest(t *testing.T) {
	t.Parallel()
	o := startOutages(t, "history", 50*time.Millisecond)
	o.run(3)
	a, live, history := o.stop()
	checkComplete(t, a, acked(append(live, history...)...))
	checkAscending(t, "live", live)
	checkOrder(t, history)
	if len(history) < 3 {
		t.Errorf("got %d messages to %s, want those of three outages", len(history), historyTopic)
	}
	if n := len(onlyRetained(live, false)) + len(onlyRetained(history, true)); n > 0 {
		t.Errorf("got %d messages with the wrong retain flag", n)
	}
	lives := byLink(live, o.lastLink())
	o.checkBeginnings(lives)
	for i, h := range byLink(history, o.lastLink()) {
		checkAscending(t, "history", h)
		if len(h) > 0 && (len(lives[i]) == 0 || lives[i][0].seq < h[len(h)-1].seq) {
			t.Errorf("connection %d: the newest did not come before the history", i+1)
		}
	}
}
