package mqtt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// maxPublish is the longest PUBLISH that is accepted, and only on a connection
// that has subscribed. Any other packet for a client has 2 bytes, but a SUBACK,
// which has 2 and a code for each filter.
const maxPublish = 256 << 10

// A guard is the connection as the client library sees it. Inbound, it lets a
// packet pass only whole, well formed, and if this client has asked for it:
// the library would allocate any announced length, take a CONNACK with an
// unknown code for a success, and panic on a SUBACK that is too long.
// Acknowledgements of nothing are left out. Outbound, it gathers what is
// written at one time into one segment.
type guard struct {
	net.Conn
	in      *bufio.Reader
	ready   []byte // inspected, for Read
	packet  [4 + 3]byte
	greeted bool // the CONNACK has passed
	ledger  ledger

	writing chan struct{} // holds one while a segment is written
	mu      sync.Mutex
	out     []byte        // gathered, to be written
	spare   []byte        // the last segment, to be used again
	dirty   chan struct{} // out is not empty
	filters int           // in the last SUBSCRIBE
	cause   error         // why the connection ended
	done    chan struct{}
	stall   time.Duration // a write that takes longer ends the connection

	keepAlive time.Duration // whole seconds
	pinger    *time.Timer
	sent      time.Time // last
	received  time.Time // last
	pinged    time.Time // when the PINGREQ was sent whose answer is due; or zero
}

func newGuard(conn net.Conn, stall, keepAlive time.Duration) *guard {
	return &guard{
		Conn: conn, stall: stall, keepAlive: keepAlive,
		in:     bufio.NewReaderSize(conn, 2048),
		ledger: ledger{open: make(map[uint16]awaited)},
		dirty:  make(chan struct{}, 1), writing: make(chan struct{}, 1),
		done: make(chan struct{}),
	}
}

// fail ends the connection. The first cause is the one that is told; fail
// reports whether this is it.
func (g *guard) fail(cause error) (first bool) {
	g.mu.Lock()
	first = g.cause == nil
	if first {
		g.cause = cause
		close(g.done)
		if g.pinger != nil {
			g.pinger.Stop()
		}
	}
	g.mu.Unlock()
	if first {
		g.Conn.Close()
	}
	return first
}

// err returns why the connection ended.
func (g *guard) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cause
}

// Read gives the library packets that were inspected.
func (g *guard) Read(p []byte) (int, error) {
	for len(g.ready) == 0 {
		if err := g.next(); err != nil {
			g.fail(err)
			return 0, g.err()
		}
	}
	n := copy(p, g.ready)
	g.ready = g.ready[n:]
	return n, nil
}

// next reads one packet and, if it may pass, makes it ready.
func (g *guard) next() error {
	first, err := g.in.ReadByte()
	if err != nil {
		return g.short(err)
	}
	head := append(g.packet[:0], first)
	length, err := g.length(&head)
	if err != nil {
		return err
	}
	if limit := g.limit(first >> 4); length > limit {
		return protocolError("a packet of type %d and %d bytes, at most %d are possible here", first>>4, length, limit)
	}
	packet := append(head, make([]byte, length)...)
	if _, err := io.ReadFull(g.in, packet[len(head):]); err != nil {
		return g.short(err)
	}
	g.heard()
	pass, err := g.inspect(first, packet[len(head):])
	if pass {
		g.ready = packet
	}
	return err
}

// short words the end of the stream.
func (g *guard) short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if !g.greeted {
			return errors.New("closed by the broker before it answered")
		}
		return errors.New("closed by the broker")
	}
	return err
}

// length reads the remaining length (MQTT 3.1.1, section 2.2.3).
func (g *guard) length(head *[]byte) (n int, err error) {
	for shift := 0; shift < 28; shift += 7 {
		b, err := g.in.ReadByte()
		if err != nil {
			return 0, g.short(err)
		}
		*head = append(*head, b)
		n |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, protocolError("a remaining length of more than four bytes")
}

// limit is the longest body of a packet of that type.
func (g *guard) limit(kind byte) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case kind == 3 && g.filters > 0:
		return maxPublish
	case kind == 9:
		return 2 + g.filters
	}
	return 2
}

// inspect tells whether a packet may pass, or why the connection must end
// (MQTT 3.1.1, chapter 3).
func (g *guard) inspect(first byte, body []byte) (pass bool, err error) {
	kind := first >> 4
	if !g.greeted {
		return g.greet(first, body)
	}
	switch {
	case kind == 3:
		return g.inspectPublish(first, body)
	case first&0x0f != 0:
		return false, protocolError("flags %#x in a packet of type %d", first&0x0f, kind)
	case kind == 13 && len(body) == 0: // PINGRESP: it was heard, the library has not asked
		return false, nil
	case (kind == 4 || kind == 5 || kind == 7) && len(body) == 2, kind == 9 && len(body) == g.limit(kind) && len(body) > 2:
		return g.ledger.answer(binary.BigEndian.Uint16(body), awaited(kind)), nil
	}
	return false, protocolError("a packet of type %d and %d bytes", kind, len(body))
}

// greet inspects the first packet, which must be a CONNACK (section 3.2).
func (g *guard) greet(first byte, body []byte) (bool, error) {
	if first != 2<<4 || len(body) != 2 || body[0] > 1 {
		return false, protocolError("%#x where a CONNACK is due; is this an MQTT broker?", append([]byte{first}, body...))
	}
	if body[1] != 0 {
		return false, &RefusedError{body[1]}
	}
	g.greeted = true
	return true, nil
}

// inspectPublish inspects a PUBLISH to a subscriber (section 3.3). The topic
// must fit the packet; QoS 2 is never asked for.
func (g *guard) inspectPublish(first byte, body []byte) (bool, error) {
	qos := first >> 1 & 3
	need := 2
	if qos == 1 {
		need = 4
	}
	if qos > 1 || len(body) < need || len(body) < need+int(binary.BigEndian.Uint16(body)) {
		return false, protocolError("a malformed PUBLISH")
	}
	return true, nil
}

// A RefusedError is a CONNACK with a code other than 0.
type RefusedError struct {
	Code byte // MQTT 3.1.1, table 3.1
}

func (e *RefusedError) Error() string {
	names := []string{
		1: "unacceptable protocol version",
		2: "client identifier rejected",
		3: "server unavailable",
		4: "bad user name or password",
		5: "not authorized",
	}
	if int(e.Code) < len(names) {
		return fmt.Sprintf("refused by the broker: %s (code %d)", names[e.Code], e.Code)
	}
	return fmt.Sprintf("refused by the broker with code %d, which MQTT 3.1.1 does not have", e.Code)
}

// Credentials tells whether the broker did not accept who this client is.
func (e *RefusedError) Credentials() bool { return e.Code == 4 || e.Code == 5 }

func protocolError(format string, args ...any) error {
	return fmt.Errorf("protocol error: received "+format, args...)
}
