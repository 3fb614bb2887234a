package mqtt

import "sync"

// An inflight holds what this client has asked of the broker on one
// connection, so that an answer to nothing is never taken for an
// acknowledgement.
type inflight struct {
	mu      sync.Mutex
	due     map[uint16]answer // by packet identifier
	filters int               // in the last SUBSCRIBE
	sent    uint64            // PUBLISH packets above QoS 0
	done    uint64            // of those, acknowledged
	first   func()            // called when done becomes 1; may be nil
}

// An answer is the type of the packet that answers another.
type answer byte

const (
	puback  answer = 4 // the numbers of MQTT 3.1.1, table 2.1
	pubrec  answer = 5
	pubcomp answer = 7
	suback  answer = 9
)

func newInflight() *inflight { return &inflight{due: make(map[uint16]answer)} }

// expect notes which answer a PUBLISH asks for.
func (f *inflight) expect(id uint16, a answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due[id] = a
	f.sent++
}

// subscribe notes a SUBSCRIBE with so many filters.
func (f *inflight) subscribe(id uint16, filters int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due[id] = suback
	f.filters = filters
}

// subscribed returns the number of filters in the last SUBSCRIBE, 0 if there
// was none.
func (f *inflight) subscribed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.filters
}

// answer reports whether a is due for id, and notes it. A PUBREC may come again
// while its PUBCOMP is due.
func (f *inflight) answer(id uint16, a answer) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	due, ok := f.due[id]
	switch {
	case !ok:
		return false
	case a == pubrec && (due == pubrec || due == pubcomp):
		f.due[id] = pubcomp
		return true
	case a != due:
		return false
	}
	delete(f.due, id)
	if a != suback {
		f.done++
		if f.done == 1 && f.first != nil {
			f.first()
		}
	}
	return true
}

// onFirst has first called at the first acknowledgement of a PUBLISH.
func (f *inflight) onFirst(first func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first = first
}

// unanswered reports whether something was sent and none of it acknowledged.
func (f *inflight) unanswered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent > 0 && f.done == 0
}
