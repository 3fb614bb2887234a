package mqtt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxPublish is the longest PUBLISH that is accepted, in bytes, and only on a
// connection that has subscribed. Any other packet for a client has 2 bytes,
// but a SUBACK, which has 2 and a code for each filter.
const maxPublish = 256 << 10

// maxSkipped is the longest PUBLISH with QoS 0 that is skipped, in bytes. Otherwise
// anyone who may publish on a topic that a node has subscribed to could keep it off
// the broker with a retained message.
const maxSkipped = 16 << 20

// An inbound is the stream of packets from the broker. It leaves out unsolicited
// acknowledgements.
type inbound struct {
	in       *bufio.Reader
	inflight *inflight
	release  func(id uint16) // sends the PUBREL of a message
	heard    func()          // called for each packet that is well formed
	ready    []byte          // inspected, not yet read
	packet   [7]byte         // spares an allocation for a PUBACK: 4 of the header, 3 of the body
	up       bool            // the CONNACK has passed
}

func newInbound(r io.Reader, f *inflight, release func(uint16), heard func()) *inbound {
	return &inbound{in: bufio.NewReaderSize(r, 2048), inflight: f, release: release, heard: heard}
}

// Read returns bytes of packets that were inspected.
func (i *inbound) Read(p []byte) (int, error) {
	for len(i.ready) == 0 {
		if err := i.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, i.ready)
	i.ready = i.ready[n:]
	return n, nil
}

// next reads one packet and, if it may pass, makes it ready.
func (i *inbound) next() error {
	first, err := i.in.ReadByte()
	if err != nil {
		return i.ended(err)
	}
	head := append(i.packet[:0], first)
	length, err := i.length(&head)
	if err != nil {
		return err
	}
	limit := i.limit(first >> 4)
	if length > limit && limit == maxPublish && length <= maxSkipped && first&6 == 0 && i.up {
		return i.skip(length)
	}
	if length > limit {
		return protocolError("a packet of type %d and %d bytes, at most %d are possible here", first>>4, length, limit)
	}
	packet := append(head, make([]byte, length)...)
	if _, err := io.ReadFull(i.in, packet[len(head):]); err != nil {
		return i.ended(err)
	}
	pass, err := i.inspect(first, packet[len(head):])
	if err != nil {
		return err
	}
	i.heard()
	if pass {
		i.ready = packet
	}
	return nil
}

// skip skips the rest of a packet. Parts of it count as signs of life.
func (i *inbound) skip(length int) error {
	for length > 0 {
		n, err := i.in.Discard(min(length, 32<<10))
		if err != nil {
			return i.ended(err)
		}
		i.heard()
		length -= n
	}
	return nil
}

// ended returns the error for the end of the stream.
func (i *inbound) ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if !i.up {
			return errUnanswered
		}
		return errClosed
	}
	return err
}

var (
	errClosed     = errors.New("closed by the broker")
	errUnanswered = errors.New("closed by the broker before it answered") // a CONNECT
)

// length reads the remaining length (MQTT 3.1.1, section 2.2.3).
func (i *inbound) length(head *[]byte) (n int, err error) {
	for shift := 0; shift < 28; shift += 7 {
		b, err := i.in.ReadByte()
		if err != nil {
			return 0, i.ended(err)
		}
		*head = append(*head, b)
		n |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, protocolError("a remaining length of more than four bytes")
}

// limit is the longest body of a packet of that type, in bytes.
func (i *inbound) limit(kind byte) int {
	switch filters := i.inflight.subscribed(); {
	case kind == 3 && filters > 0:
		return maxPublish
	case kind == 9:
		return 2 + filters
	}
	return 2
}

// inspect reports whether a packet may pass, or why the connection must end
// (MQTT 3.1.1, chapter 3).
func (i *inbound) inspect(first byte, body []byte) (pass bool, err error) {
	kind := first >> 4
	if !i.up {
		return i.greet(first, body)
	}
	switch {
	case kind == 3:
		return inspectPublish(first, body)
	case first&0x0f != 0:
		return false, protocolError("flags %#x in a packet of type %d", first&0x0f, kind)
	case kind == 13 && len(body) == 0: // PINGRESP: the library has not asked for it
		return false, nil
	case (kind == 4 || kind == 5 || kind == 7) && len(body) == 2, kind == 9 && len(body) == i.limit(kind) && len(body) > 2:
		id := binary.BigEndian.Uint16(body)
		due, own := i.inflight.answer(id, answer(kind))
		if own && kind == 5 {
			i.release(id)
		}
		return due && !own, nil
	}
	return false, protocolError("a packet of type %d and %d bytes", kind, len(body))
}

// greet inspects the first packet, which must be a CONNACK (section 3.2).
func (i *inbound) greet(first byte, body []byte) (bool, error) {
	if first != 2<<4 || len(body) != 2 || body[0] > 1 {
		return false, protocolError("%#x instead of a CONNACK; is this an MQTT broker?", append([]byte{first}, body...))
	}
	if body[1] != 0 {
		return false, &RefusedError{body[1]}
	}
	i.up = true
	return true, nil
}

// inspectPublish inspects a PUBLISH to a subscriber (section 3.3). The topic
// must fit the packet; QoS 2 is never asked for.
func inspectPublish(first byte, body []byte) (bool, error) {
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

// Known reports whether MQTT 3.1.1 has the code.
func (e *RefusedError) Known() bool { return e.Code <= 5 }

// Credentials reports whether the broker refused the user name or password, or
// did not authorise the client.
func (e *RefusedError) Credentials() bool { return e.Code == 4 || e.Code == 5 }
