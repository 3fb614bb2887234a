package mqtt

import "sync"

// A ledger holds what this client has asked of the broker on one connection,
// so that an answer to nothing is never taken for an acknowledgement.
type ledger struct {
	mu   sync.Mutex
	open map[uint16]awaited
	sent uint64 // PUBLISH packets above QoS 0
	done uint64 // of those, acknowledged
}

// awaited is the answer that is due for a packet identifier.
type awaited byte

const (
	puback  awaited = 4 // the numbers of MQTT 3.1.1, table 2.1
	pubrec  awaited = 5
	pubcomp awaited = 7
	suback  awaited = 9
)

// expect notes that id awaits an answer.
func (l *ledger) expect(id uint16, a awaited) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[id] = a
	if a != suback {
		l.sent++
	}
}

// answer reports whether a is what id awaits, and notes it. A PUBREC may come
// again while its PUBCOMP is awaited.
func (l *ledger) answer(id uint16, a awaited) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	due, ok := l.open[id]
	switch {
	case !ok:
		return false
	case a == pubrec && (due == pubrec || due == pubcomp):
		l.open[id] = pubcomp
		return true
	case a != due:
		return false
	}
	delete(l.open, id)
	if a != suback {
		l.done++
	}
	return true
}

// unanswered tells whether something was sent and none of it acknowledged.
func (l *ledger) unanswered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent > 0 && l.done == 0
}
