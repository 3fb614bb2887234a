//go:build faults

package e2e

import (
	"encoding/binary"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A listener is a subscriber at QoS 1 that records what arrives and when.
type listener struct {
	t       *testing.T
	mu      sync.Mutex
	all     []arrival
	changed chan struct{} // closed at the next arrival
}

// An arrival is a reading that reached a subscriber.
type arrival struct {
	message
	seq int
	at  time.Time
}

// listen subscribes on a connection until the end of the test.
func listen(t *testing.T, conn net.Conn) *listener {
	t.Helper()
	c := newClient(t, conn).subscribe("temperature/#")
	conn.SetReadDeadline(time.Time{})
	l := &listener{t: t, changed: make(chan struct{})}
	var reader sync.WaitGroup
	t.Cleanup(func() {
		conn.Close()
		reader.Wait()
	})
	for _, m := range c.met {
		l.note(m)
	}
	reader.Go(func() {
		for {
			p, err := readPacket(c.r)
			if err != nil {
				return
			}
			if p.kind() != ptPublish {
				continue
			}
			m, id := p.publish()
			l.note(m)
			if m.qos > 0 && writePacket(conn, ptPuback<<4, binary.BigEndian.AppendUint16(nil, id)) != nil {
				return
			}
		}
	})
	return l
}

func (l *listener) note(m message) {
	a := arrival{m, seqOf(l.t, m.payload).number, time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, a)
	close(l.changed)
	l.changed = make(chan struct{})
}

// now returns what has arrived, and a channel that is closed when more does.
func (l *listener) now() ([]arrival, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[:len(l.all):len(l.all)], l.changed
}

// since returns the first arrival after an instant for which the condition
// holds, waiting up to the given time.
func (l *listener) since(start time.Time, within time.Duration, what string, cond func(arrival) bool) arrival {
	l.t.Helper()
	timeout := time.After(within)
	for {
		all, changed := l.now()
		for _, a := range all {
			if a.at.After(start) && cond(a) {
				return a
			}
		}
		select {
		case <-changed:
		case <-timeout:
			l.t.Fatalf("waited %v for %s, %d messages have arrived", within, what, len(all))
		}
	}
}

// fresh waits for a reading taken after now and returns how long it took to
// arrive.
func (l *listener) fresh(within time.Duration) time.Duration {
	l.t.Helper()
	start := time.Now()
	a := l.since(start, within, "a new reading", func(a arrival) bool { return measured(l.t, a.payload).After(start) })
	return a.at.Sub(start)
}

// whole waits, up to the given time, until no reading is missing.
func (l *listener) whole(within time.Duration) time.Duration {
	l.t.Helper()
	start := time.Now()
	for {
		all, changed := l.now()
		seen, newest := make(map[int]bool), 0
		for _, a := range all {
			seen[a.seq] = true
			newest = max(newest, a.seq)
		}
		if len(seen) == newest && newest > 0 {
			return time.Since(start)
		}
		select {
		case <-changed:
		case <-time.After(time.Until(start.Add(within))):
			l.t.Fatalf("waited %v, %d of %d readings have arrived", within, len(seen), newest)
		}
	}
}

// arrived returns the numbers of the readings that reached any of the
// listeners, by topic. Acknowledged messages may still be on their way, so it
// waits until there are n different ones, however long that takes.
func arrived(n int, listeners ...*listener) map[string][]int {
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		by, seen := make(map[string][]int), make(map[string]bool)
		for _, l := range listeners {
			for _, a := range first(l.now()) {
				by[a.topic] = append(by[a.topic], a.seq)
				seen[a.topic+" "+strconv.Itoa(a.seq)] = true
			}
		}
		if len(seen) >= n || time.Now().After(deadline) {
			return by
		}
	}
}
