package mqtt

import (
	"errors"
	"sync"
)

// firstID is the least packet identifier of a PUBLISH. The library, which
// subscribes, begins at 1.
const firstID = 0x100

// An inflight holds the requests of this client to the broker on one connection, so
// that an unsolicited answer is never taken for an acknowledgement.
type inflight struct {
	mu      sync.Mutex
	due     map[uint16]due // by packet identifier
	last    uint16         // packet identifier of a PUBLISH
	filters int            // in the last SUBSCRIBE
	sent    uint64         // PUBLISH packets above QoS 0
	done    uint64         // of those, acknowledged
	first   func()         // called when done becomes 1; may be nil
	ended   error          // why nothing more is due
}

// A due is an answer that the broker owes.
type due struct {
	answer   answer
	delivery *delivery // nil: to the library
}

// An answer is the type of the packet that answers another.
type answer byte

const (
	puback  answer = 4 // the numbers of MQTT 3.1.1, table 2.1
	pubrec  answer = 5
	pubcomp answer = 7
	suback  answer = 9
)

func newInflight() *inflight { return &inflight{due: make(map[uint16]due), last: firstID - 1} }

var errNoID = errors.New("no packet identifier is free")

// publish notes that a message goes out, QoS 1 or 2, and returns its packet
// identifier.
func (f *inflight) publish(d *delivery, qos byte) (id uint16, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended != nil {
		return 0, f.ended
	}
	if len(f.due) > 0xffff-firstID {
		return 0, errNoID
	}
	for {
		if f.last++; f.last < firstID {
			f.last = firstID
		}
		if _, taken := f.due[f.last]; !taken {
			break
		}
	}
	f.due[f.last] = due{firstAnswer(qos), d}
	f.sent++
	return f.last, nil
}

// firstAnswer returns the answer to a PUBLISH with QoS 1 or 2.
func firstAnswer(qos byte) answer {
	if qos == 2 {
		return pubrec
	}
	return puback
}

// expect notes a PUBLISH of the library, QoS 1 or 2.
func (f *inflight) expect(id uint16, qos byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due[id] = due{answer: firstAnswer(qos)}
	f.sent++
}

// subscribe notes a SUBSCRIBE with so many filters.
func (f *inflight) subscribe(id uint16, filters int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due[id] = due{answer: suback}
	f.filters = filters
}

// subscribed returns the number of filters in the last SUBSCRIBE, 0 if there
// was none.
func (f *inflight) subscribed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.filters
}

// answer reports whether a is due for id, and whether to a delivery, which it
// ends if a acknowledges it, or to the library. A PUBREC may come again while its
// PUBCOMP is due.
func (f *inflight) answer(id uint16, a answer) (isDue, own bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.due[id]
	switch {
	case !ok:
		return false, false
	case a == pubrec && (d.answer == pubrec || d.answer == pubcomp):
		d.answer = pubcomp
		f.due[id] = d
		return true, d.delivery != nil
	case a != d.answer:
		return false, false
	}
	delete(f.due, id)
	if a != suback {
		f.done++
		if f.done == 1 && f.first != nil {
			f.first()
		}
	}
	if d.delivery != nil {
		d.delivery.end(nil)
	}
	return true, d.delivery != nil
}

// forget ends the delivery of a PUBLISH that was not written.
func (f *inflight) forget(id uint16, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.due[id]; ok && d.delivery != nil {
		delete(f.due, id)
		d.delivery.end(err)
	}
}

// end ends all deliveries, as the connection has ended.
func (f *inflight) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = err
	for id, d := range f.due {
		if d.delivery != nil {
			delete(f.due, id)
			d.delivery.end(err)
		}
	}
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
