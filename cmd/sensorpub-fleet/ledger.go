package main

import (
	"math/bits"
	"sync"
	"time"
)

// maxSeq bounds the memory that a wrong sequence number can take.
const maxSeq = 1 << 24

// A bitset is a set of sequence numbers.
type bitset []uint64

// add reports whether n was not in the set.
func (b *bitset) add(n uint64) bool {
	for uint64(len(*b)) <= n/64 {
		*b = append(*b, 0)
	}
	word, bit := &(*b)[n/64], uint64(1)<<(n%64)
	fresh := *word&bit == 0
	*word |= bit
	return fresh
}

// count returns how many of the numbers up to last are in the set.
func (b bitset) count(last uint64) (n int) {
	for i, word := range b {
		first := uint64(i) * 64
		if first > last {
			break
		}
		if rest := last - first; rest < 63 {
			word &= 1<<(rest+1) - 1
		}
		n += bits.OnesCount64(word)
	}
	return n
}

// max returns the highest number in the set, 0 if it is empty.
func (b bitset) max() uint64 {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0 {
			return uint64(i)*64 + uint64(bits.Len64(b[i])) - 1
		}
	}
	return 0
}

// A track is what one witness has seen of one series. It checks the order that
// docs/delivery.md promises: live readings, and with them the newest that each
// connection begins with, only ever rise; the backlog rises on each connection.
// A reading that came before says nothing about the order.
type track struct {
	seen       bitset
	repeats    int // of the newest, as on each connection
	duplicates int // of older ones
	disorder   int
	live       uint64 // the last of the live readings
	backlog    uint64 // the last of this connection's backlog
}

// reading notes that a reading has arrived. What the broker delivers once more,
// as this witness has not acknowledged it, comes in any order.
func (t *track) reading(seq uint64, redelivered bool) {
	switch fresh := t.seen.add(seq); {
	case redelivered:
	case !fresh && seq == t.live:
		t.repeats++
	case !fresh:
		t.duplicates++
	case seq > t.live:
		t.live = seq
	case seq > t.backlog:
		t.backlog = seq
	default:
		t.disorder++
	}
}

// online notes that the node has said that it is connected, which it says before
// it sends the backlog.
func (t *track) online() { t.backlog = 0 }

// A series is what all witnesses have seen of the readings of one node.
type series struct {
	tracks   []track // by witness
	arrived  bitset
	restart  time.Time // of the daemon after it was killed; zero: it was not
	firstNew uint64    // the lowest number measured since; 0: none
}

// A ledger is what all witnesses have seen.
type ledger struct {
	mu       sync.Mutex
	series   map[string]*series // by node
	arrived  int                // different readings
	messages int
	strange  []string // topics and payloads that no node should send, the first few
	lastNew  time.Time
	latency  *timeline
}

func newLedger(nodes []string, witnesses int, latency *timeline) *ledger {
	l := &ledger{series: make(map[string]*series, len(nodes)), latency: latency}
	for _, n := range nodes {
		l.series[n] = &series{tracks: make([]track, witnesses)}
	}
	return l
}

// reading notes a reading that arrived at a witness.
func (l *ledger) reading(witness int, node string, r reading, redelivered bool, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages++
	s := l.series[node]
	if s == nil || r.Seq == 0 || r.Seq > maxSeq {
		l.note(node + ": an unknown node or sequence number")
		return
	}
	s.tracks[witness].reading(r.Seq, redelivered)
	if !s.arrived.add(r.Seq) {
		return
	}
	l.arrived++
	l.lastNew = at
	l.latency.add(at, at.Sub(r.Time))
	if !s.restart.IsZero() && !r.Time.Before(s.restart) && (s.firstNew == 0 || r.Seq < s.firstNew) {
		s.firstNew = r.Seq
	}
}

// online notes that a node is connected, as a witness has seen.
func (l *ledger) online(witness int, node string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.series[node]; s != nil {
		s.tracks[witness].online()
	}
}

// restarted notes that a daemon that was killed has been started again.
func (l *ledger) restarted(node string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.series[node]
	s.restart, s.firstNew = at, 0
}

// note remembers the first few of what should not be; l.mu must be held.
func (l *ledger) note(what string) {
	if len(l.strange) < 10 {
		l.strange = append(l.strange, what)
	}
}

// progress returns how many different readings and how many messages have
// arrived, and when the last new one did.
func (l *ledger) progress() (arrived, messages int, lastNew time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.arrived, l.messages, l.lastNew
}

// of returns the series of a node, which must not change any more.
func (l *ledger) of(node string) *series {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.series[node]
}
