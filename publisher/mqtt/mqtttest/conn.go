package mqtttest

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"net"
	"sort"
	"sync"
	"time"
)

// Conn is one connection of a client, as faults and actions see it.
type Conn struct {
	b      *Broker
	number int
	nc     net.Conn      // carries MQTT
	raw    net.Conn      // the same, or what is below TLS
	done   chan struct{} // closed at the end
	kick   chan struct{} // wakes write

	mu      sync.Mutex
	queue   [][]byte
	closing EndReason // if set, end for it when the queue is empty

	late    sync.Mutex // held until a delayed answer is queued, which keeps the order
	delayed []delayed

	// Guarded by Broker.mu.
	connect  *Connect // nil before CONNECT
	session  *session
	accepted bool // CONNACK 0 was sent
	refused  bool // CONNACK with another code was sent
	garbled  bool // garbage was sent
	clean    bool // DISCONNECT came
	ended    bool
	holding  bool     // what is delivered goes to held
	held     [][]byte // waits for the SUBACK
}

// delayed is an answer that waits for its time.
type delayed struct {
	due time.Time
	raw []byte
}

func newConn(b *Broker, number int, nc net.Conn) *Conn {
	c := &Conn{b: b, number: number, nc: nc, raw: nc, done: make(chan struct{}), kick: make(chan struct{}, 1)}
	if b.TLS != nil {
		c.nc = tls.Server(nc, b.TLS)
	}
	return c
}

// Send sends one packet, or any bytes, without waiting for the client to take
// them. If they are a CONNACK, PUBACK, PUBREC or PUBCOMP, the broker records it.
func (c *Conn) Send(raw []byte) {
	c.note(raw)
	c.enqueue(raw)
}

// Push sends the client a message, whether or not it has subscribed to it. The
// packet identifier is chosen here.
func (c *Conn) Push(m Message) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	if c.session != nil {
		c.enqueue(c.session.outbound(m))
	}
}

// Close closes the connection (FIN) once everything sent before is written.
func (c *Conn) Close() { c.close(ClosedByBroker) }

func (c *Conn) close(reason EndReason) {
	c.mu.Lock()
	c.closing = reason
	c.mu.Unlock()
	c.enqueue(nil)
}

// Reset resets the connection (RST) immediately; what is not yet written is lost.
func (c *Conn) Reset() { c.end(ResetByBroker, nil) }

func (c *Conn) enqueue(raw []byte) {
	c.mu.Lock()
	c.queue = append(c.queue, raw)
	c.mu.Unlock()
	select {
	case c.kick <- struct{}{}:
	default:
	}
}

func (c *Conn) sendGarbage(raw []byte) {
	c.b.mu.Lock()
	c.garbled = true
	c.b.mu.Unlock()
	c.enqueue(raw)
}

// sendAfter sends raw after d, behind everything that is due before.
func (c *Conn) sendAfter(d time.Duration, raw []byte) {
	c.late.Lock()
	defer c.late.Unlock()
	c.delayed = append(c.delayed, delayed{time.Now().Add(d), raw})
	sort.SliceStable(c.delayed, func(i, k int) bool { return c.delayed[i].due.Before(c.delayed[k].due) })
	time.AfterFunc(d, c.enqueueDue)
}

// enqueueDue sends the delayed answer that is due first.
func (c *Conn) enqueueDue() {
	c.late.Lock()
	defer c.late.Unlock()
	next := c.delayed[0]
	c.delayed = c.delayed[1:]
	c.Send(next.raw)
}

// unusedID returns a packet identifier that is not in flight.
func (c *Conn) unusedID() uint16 {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	return c.session.unused()
}

// shrink makes the TCP receive window as small as possible.
func (c *Conn) shrink() {
	if tc, ok := c.raw.(*net.TCPConn); ok {
		_ = tc.SetReadBuffer(1)
	}
}

// write writes what is sent until the connection ends. After an error it drops
// the rest: that the connection is lost is left to the reader, which may still
// find a DISCONNECT.
func (c *Conn) write() {
	var err error
	for {
		select {
		case <-c.kick:
		case <-c.done:
			return
		}
		if !c.b.thawed(c) {
			return
		}
		c.mu.Lock()
		raw, closing := bytes.Join(c.queue, nil), c.closing
		c.queue = nil
		c.mu.Unlock()
		if err == nil && len(raw) > 0 {
			_, err = c.nc.Write(raw)
		}
		if closing != "" {
			c.end(closing, nil)
			return
		}
	}
}

// note records a packet from the broker that changes what the client may do. It
// is called before the packet is written, as the client may be quick.
func (c *Conn) note(raw []byte) {
	if len(raw) != 4 || raw[1] != 2 {
		return
	}
	var old *Conn
	c.b.mu.Lock()
	switch t := Type(raw[0] >> 4); {
	case c.ended || c.session == nil:
	case t == CONNACK && raw[3] == 0:
		old = c.b.adopt(c)
	case t == CONNACK:
		c.refused = true
	default:
		if m, ok := c.session.sent(t, binary.BigEndian.Uint16(raw[2:])); ok {
			c.b.journal.acknowledged = append(c.b.journal.acknowledged, m)
			c.b.journal.wake()
		}
	}
	c.b.mu.Unlock()
	if old != nil {
		old.end(TakenOver, nil)
	}
}
