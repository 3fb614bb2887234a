package publisher

import (
	"cmp"
	"maps"
	"time"
)

const (
	// suspectAfter is how many connections in a row must end at the same topic
	// before it is held back.
	suspectAfter = 3
	// soundAfter is how long a connection must last, with something
	// acknowledged, before a topic that is held back is tried on it.
	soundAfter = 2 * time.Second
	// refusedAfter is how many sound connections must end at a topic before it
	// counts as refused.
	refusedAfter = 2
	// A refused topic is tried again after growing pauses.
	firstRetry, lastRetry = time.Minute, 30 * time.Minute
	// refusedFor is how long it takes until the newest reading of a refused topic
	// is dropped, too.
	refusedFor = time.Hour
)

// A quarantine holds back the topics whose messages the broker refuses: it closes
// the connection at them or never acknowledges them. Without a quarantine, one such
// topic would hold up all others for ever. Because an outage and a bad link look the
// same at first, a topic counts as refused only when connections that are sound
// without it have ended at it; until then its readings merely wait.
type quarantine struct {
	ends map[string]int // consecutive connections that ended at a topic
	held map[string]*hold
}

// A hold is a topic that is held back.
type hold struct {
	Refusal
	proofs int           // sound connections that ended at it
	retry  time.Time     // when it may be tried again
	pause  time.Duration // until then, after the next proof
	trying bool
}

// A Refusal is a topic whose messages the broker refuses.
type Refusal struct {
	Topic   string
	Size    int  // bytes of the payload
	QoS     byte // of the message
	Timeout bool // it is never acknowledged; false: the connection is closed at it
	Since   time.Time
}

// holds reports whether messages to a topic are to wait.
func (z *quarantine) holds(topic string) bool {
	h := z.held[topic]
	return h != nil && !h.trying
}

// refuses reports whether the broker is known to refuse messages to a topic.
func (z *quarantine) refuses(topic string) bool {
	h := z.held[topic]
	return h != nil && h.proofs >= refusedAfter
}

// connectionEnded notes the messages at which a connection ended, if any, and
// returns those topics of which that is the first proof.
func (z *quarantine) connectionEnded(at []Refusal, sound bool, now time.Time) (proved []Refusal) {
	ends := make(map[string]int)
	for _, r := range at {
		if ends[r.Topic] > 0 {
			continue // it has several
		}
		ends[r.Topic] = z.ends[r.Topic] + 1
		switch h := z.held[r.Topic]; {
		case h == nil && ends[r.Topic] >= suspectAfter:
			if z.held == nil {
				z.held = make(map[string]*hold)
			}
			r.Since = now
			z.held[r.Topic] = &hold{Refusal: r, pause: firstRetry}
		case h != nil && h.trying && sound:
			if h.proofs++; h.proofs == 1 {
				proved = append(proved, h.Refusal)
			}
			if h.proofs >= refusedAfter {
				h.retry, h.pause = now.Add(h.pause), min(2*h.pause, lastRetry)
			}
		}
	}
	z.ends = ends
	maps.DeleteFunc(z.held, func(_ string, h *hold) bool {
		h.trying = false
		return !sound && h.proofs < refusedAfter && h.Since != now // without it, it is no better
	})
	return proved
}

// next ends the trial of one topic and begins that of another, if one is due,
// and returns it.
func (z *quarantine) next(tried string, now time.Time) *hold {
	if h := z.held[tried]; h != nil { // there was nothing to send
		h.trying, h.retry = false, now.Add(h.pause)
	}
	due := z.due(now)
	if due != nil {
		due.trying = true
	}
	return due
}

// due returns the topic that is to be tried next, or nil.
func (z *quarantine) due(now time.Time) (due *hold) {
	for _, h := range z.held {
		if !now.Before(h.retry) && (due == nil || h.before(due)) {
			due = h
		}
	}
	return due
}

// before reports whether a topic is to be tried before another: the one that has
// ended fewer connections, or has shorter messages, as brokers often refuse long
// ones, and an acknowledgement shows that the connection is sound.
func (h *hold) before(other *hold) bool {
	return cmp.Or(cmp.Compare(h.proofs, other.proofs), cmp.Compare(h.Size, other.Size), cmp.Compare(h.Topic, other.Topic)) < 0
}

// accepted notes an acknowledgement, and returns the topic's refusal if it was
// held back until now.
func (z *quarantine) accepted(topic string) (was Refusal, released bool) {
	delete(z.ends, topic)
	h := z.held[topic]
	if h == nil {
		return Refusal{}, false
	}
	delete(z.held, topic)
	return h.Refusal, h.proofs > 0
}
