package publisher

import (
	"maps"
	"slices"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// fault begins or ends a fault of a tier.
func (l *lives) fault() {
	if l.faults == 1 {
		l.mend()
	}
	dir, f := []string{l.card, l.files}[l.IntN(2)], diskFaults[l.IntN(len(diskFaults))]
	l.note("%s %s", dir, f.name)
	l.disk.fail(dir, f)
}

// mend ends all faults.
func (l *lives) mend() {
	l.disk.fail(l.card, diskFault{})
	l.disk.fail(l.files, diskFault{})
}

// calm ends all faults and waits until that is noticed.
func (l *lives) calm() {
	l.mend()
	time.Sleep(time.Minute)
	l.check()
}

// atRisk reports whether a kill would cost what is in memory only.
func (l *lives) atRisk() bool { return l.spool.State().Tmpfs.Cause != nil }

// die ends the process, and sometimes the machine, in one way or the other.
func (l *lives) die() {
	kill, calm := l.IntN(3) > 0, l.faults == 0
	if l.faults > 0 && (l.IntN(3) > 0 || kill && l.atRisk()) {
		l.calm()
		calm = true
	}
	if !calm {
		l.unsee()
	}
	if kill && !l.atRisk() {
		l.end()
		l.note("killed: %v", l.q.Account())
		l.reckon(calm)
	} else {
		l.stop(calm)
		if l.IntN(3) == 0 {
			l.restart(calm)
		}
	}
	for _, seen := range l.topics {
		seen.cut = seen.live != seen.newest
	}
	if l.exchanges && l.IntN(3) == 0 && l.disk.can("read", l.card) && l.disk.can("read", l.files) {
		l.card, l.files = l.files, l.card
		l.note("the directories are exchanged")
	}
}

// unsee prepares for a next process that may not be able to read at first what
// is the newest of a topic. Where the runtime tier cannot say how far positions
// and numbers have come, the card has to.
func (l *lives) unsee() {
	if l.atRisk() || !l.disk.can("read", l.files) {
		l.disk.fail(l.card, diskFault{})
	}
	for _, seen := range l.topics {
		seen.least = 0
	}
}

// stop is a clean end.
func (l *lives) stop(calm bool) {
	q := l.q
	if l.connected {
		q.Lost()
	}
	q.Close()
	l.end()
	if err := l.spool.Close(); err != nil && calm {
		l.fatalf("%v", err)
	}
	l.note("stopped: %v, %d kept", q.Account(), l.spool.Kept())
	l.reckon(calm)
}

// restart is that of the machine, after a clean end. The runtime directory may
// have what the card has not, and this process could not read.
func (l *lives) restart(calm bool) {
	l.boot++
	l.booted = time.Now()
	if l.survives && l.IntN(2) == 0 || !calm || l.partly {
		l.note("the machine restarts, and the runtime directory outlasts it")
		return
	}
	l.note("the machine restarts")
	l.disk.empty(l.files)
}

// reckon compares the account of a life that has ended with what the test
// knows. Each reading that waited at its beginning, or came, was acknowledged,
// or waits, or else is counted, once; what waits in memory only, as the spool
// has no room for it, ends with the process. Without calm it cannot be read
// what waits: then as many may be missing in the end as are counted.
func (l *lives) reckon(calm bool) {
	a := l.q.Account()
	lost, damaged := int(sensors.Total(a.Dropped)), int(a.Dropped[Damaged])
	sound := l.faults == 0
	if lost > 0 && sound && !l.fills && (lost > int(a.Dropped[Overflow]) || l.maxBytes() == ample) {
		l.fatalf("got %v, want nothing dropped", a)
	}
	if a.Acknowledged != uint64(len(l.acked)) {
		l.fatalf("got %v, want %d acknowledged", a, len(l.acked))
	}
	before := l.left
	l.left = nil
	if calm && !l.partly { // else what could not be read may change it
		l.left = l.waiting()
	}
	unkept := max(0, int(a.Queued)-l.spool.Kept())
	if before == nil || l.left == nil {
		l.lost += lost + int(a.Superseded) + unkept
		return
	}
	maps.Copy(l.had, l.left)
	queued, gone := 0, 0
	for id := range l.had {
		switch {
		case l.left[id] && l.acked[id]:
			l.fatalf("%d waits although it was acknowledged", id)
		case l.left[id]:
			queued++
		case !l.acked[id]:
			gone++
			l.readings[id-1].counted = true
		}
	}
	if unkept = int(a.Queued) - queued; unkept < 0 || unkept > 0 && sound && l.maxBytes() == ample {
		l.fatalf("got %v, want %d queued", a, queued)
	}
	// What a torn write has left may count as a damaged reading, though it is elsewhere.
	if twice := int(a.Superseded) + lost - gone + unkept; twice < 0 || twice > damaged || int(a.Read) != len(l.had)+twice {
		l.fatalf("got %v, want %d read and %d superseded or dropped", a, len(l.had), gone-unkept)
	}
}

// finish delivers all that waits, after which nothing is left behind.
func (l *lives) finish() {
	l.calm()
	if l.partly { // what could not be read is left to another process
		l.stop(true)
		l.begin()
	}
	if l.blind { // an older reading may be retained where the newest could not be read
		l.q.Reconfigure(testRoutes(l.sensors...), Limits{ample, DropOldest, l.backlog(), 0}) // so that there is room
		for range 10 * len(l.sensors) {
			l.put()
		}
	}
	l.connect()
	for quiet, n := 0, 0; quiet < 3; n++ {
		switch {
		case l.send():
			quiet = 0
		case len(l.window) > 0:
			l.ack()
		default:
			quiet++
			time.Sleep(20 * time.Second)
		}
		if n > 100_000 {
			l.fatalf("it does not end: %v", l.q.Account())
		}
	}
	synctest.Wait()
	l.check()
	if a := l.q.Account(); a.Queued != 0 {
		l.fatalf("got %v, want nothing queued", a)
	}
	l.stop(true)
	l.begin()
	if a := l.q.Account(); a.Read != 0 && (l.faults == 0 || a.Read != a.Dropped[Damaged]) {
		l.fatalf("got %v after a restart, want nothing left", a)
	}
	l.stop(true)
	l.judge()
}

// judge checks what the subscriber has of all lives.
func (l *lives) judge() {
	var missing []int
	for i, r := range l.readings {
		if !r.acknowledged && !r.counted {
			missing = append(missing, i+1)
		}
	}
	if len(missing) > l.lost {
		l.fatalf("%d readings are missing, want up to %d: %v", len(missing), l.lost, missing)
	}
	for _, name := range slices.Sorted(maps.Keys(l.topics)) {
		seen := l.topics[name]
		if seen.newest == 0 || !l.readings[seen.newest-1].received {
			continue
		}
		if seen.retained != seen.newest || !l.reloads && !seen.cut && seen.live != seen.newest {
			l.fatalf("%s: %d is retained and %d came last, want %d", name, seen.retained, seen.live, seen.newest)
		}
	}
}
