//go:build faults

package e2e

import (
	"bufio"
	"encoding/binary"
	"maps"
	"math/bits"
	"net"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// A witness is a proxy that records, in little memory, which readings a broker
// acknowledged.
type witness struct {
	t      *testing.T
	addr   string
	target string

	mu       sync.Mutex
	arrived  map[string]*numbers // by "sensor quantity"
	messages int                 // acknowledged, with readings
	links    int
}

// numbers is a set of sequence numbers.
type numbers struct {
	words map[uint64]uint64
	most  uint64
}

func (n *numbers) add(seq uint64) {
	n.words[seq/64] |= 1 << (seq % 64)
	n.most = max(n.most, seq)
}

func (n *numbers) count() (sum uint64) {
	for _, w := range n.words {
		sum += uint64(bits.OnesCount64(w))
	}
	return sum
}

// gaps returns the number of gaps.
func (n *numbers) gaps() (places int) {
	last := uint64(0)
	for _, word := range slices.Sorted(maps.Keys(n.words)) {
		for bit := range uint64(64) {
			if n.words[word]&(1<<bit) == 0 {
				continue
			}
			seq := word*64 + bit
			if seq != last+1 {
				places++
			}
			last = seq
		}
	}
	return places
}

// newWitness listens until the end of the test.
func newWitness(t *testing.T, target string) *witness {
	t.Helper()
	w := &witness{t: t, addr: freeAddr(t), target: target, arrived: make(map[string]*numbers)}
	acceptAt(t, w.addr, w.serve)
	return w
}

// serve forwards packets until one side closes the connection.
func (w *witness) serve(daemon net.Conn) {
	broker, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer closeAtEnd(w.t, broker)()
	w.mu.Lock()
	w.links++
	w.mu.Unlock()
	under := make(map[uint16]string) // in flight, by packet identifier
	var up sync.WaitGroup
	up.Go(func() {
		defer broker.Close()
		w.pass(daemon, broker, func(p packet) {
			if m, id := p.publish(); m.qos > 0 {
				under[id] = m.payload
			}
		}, ptPublish)
	})
	w.pass(broker, daemon, func(p packet) {
		id := binary.BigEndian.Uint16(p.body)
		w.note(under[id])
		delete(under, id)
	}, ptPuback, ptPubrec)
	daemon.Close()
	up.Wait()
}

// pass forwards packets, after showing some kinds of them to see.
func (w *witness) pass(from, to net.Conn, see func(packet), kinds ...byte) {
	in := bufio.NewReader(from)
	for {
		p, err := readPacket(in)
		if err != nil {
			return
		}
		for _, kind := range kinds {
			if p.kind() == kind {
				w.mu.Lock()
				see(p)
				w.mu.Unlock()
			}
		}
		if _, err := to.Write(p.raw); err != nil {
			return
		}
	}
}

var jsonReading = regexp.MustCompile(`"quantity":"([^"]+)","sensor":"([^"]+)",.*"seq":(\d+)}$`)

// note records a reading that arrived.
func (w *witness) note(payload string) {
	found := jsonReading.FindStringSubmatch(payload)
	if found == nil {
		return // the status or a deletion
	}
	seq, _ := strconv.ParseUint(found[3], 10, 64)
	stream := found[2] + " " + found[1]
	n := w.arrived[stream]
	if n == nil {
		n = &numbers{words: make(map[uint64]uint64)}
		w.arrived[stream] = n
	}
	n.add(seq)
	w.messages++
}

// totals returns how many readings arrived, and how many before the last of
// each series did not.
func (w *witness) totals() (distinct, missing uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.arrived {
		distinct += n.count()
		missing += n.most - n.count()
	}
	return distinct, missing
}

// gaps returns the number of gaps in the series that has the most.
func (w *witness) gaps() (most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, n := range w.arrived {
		most = max(most, n.gaps())
	}
	return most
}
