package mqtttest

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxFrame is the longest packet that is accepted from a client, in bytes.
const maxFrame = 16 << 20

// malformed is the error of bytes that are not MQTT 3.1.1.
type malformed string

func (m malformed) Error() string { return string(m) }

// frame is one control packet cut out of the stream.
type frame struct {
	head byte // type and flags
	body []byte
}

// readFrame reads one packet. The error is io.EOF only between two packets; with
// any other the frame has its first byte, if that was read.
func readFrame(r *bufio.Reader) (frame, error) {
	head, err := r.ReadByte()
	if err != nil {
		return frame{}, err
	}
	f := frame{head: head}
	n, err := readLength(r)
	if err != nil {
		return f, err
	}
	if n > maxFrame {
		return f, malformed(fmt.Sprintf("packet of %d bytes, over the limit of %d", n, maxFrame))
	}
	f.body = make([]byte, n)
	_, err = io.ReadFull(r, f.body)
	return f, within(err)
}

// readLength reads a remaining length (MQTT 3.1.1, 2.2.3).
func readLength(r *bufio.Reader) (int, error) {
	n := 0
	for shift := 0; shift < 28; shift += 7 {
		digit, err := r.ReadByte()
		if err != nil {
			return 0, within(err)
		}
		n |= int(digit&0x7f) << shift
		if digit < 0x80 {
			return n, nil
		}
	}
	return 0, malformed("remaining length of more than 4 bytes")
}

// within turns the end of the stream into one that comes too early.
func within(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func encodeLength(n int) []byte {
	var out []byte
	for {
		digit := byte(n & 0x7f)
		if n >>= 7; n == 0 {
			return append(out, digit)
		}
		out = append(out, digit|0x80)
	}
}

// encode puts a packet together.
func encode(head byte, parts ...[]byte) []byte {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	out := append([]byte{head}, encodeLength(n)...)
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

func text(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

func connack(present bool, code byte) []byte {
	flags := byte(0)
	if present {
		flags = 1
	}
	return encode(byte(CONNACK)<<4, []byte{flags, code})
}

// ack encodes a packet that holds nothing but a packet identifier.
func ack(t Type, id uint16) []byte {
	head := byte(t) << 4
	if t == PUBREL {
		head |= 2
	}
	return encode(head, binary.BigEndian.AppendUint16(nil, id))
}

func publish(m Message) []byte {
	head := byte(PUBLISH)<<4 | m.QoS<<1
	if m.Dup {
		head |= 8
	}
	if m.Retain {
		head |= 1
	}
	var id []byte
	if m.QoS > 0 {
		id = binary.BigEndian.AppendUint16(nil, m.ID)
	}
	return encode(head, text(m.Topic), id, m.Payload)
}

// cursor takes a packet's body apart; the first error sticks.
type cursor struct {
	rest []byte
	err  error
}

func (c *cursor) take(n int) []byte {
	if len(c.rest) < n {
		if c.err == nil {
			c.err = malformed("remaining length too short for the fields")
		}
		c.rest = nil
		return make([]byte, n)
	}
	taken := c.rest[:n:n]
	c.rest = c.rest[n:]
	return taken
}

func (c *cursor) byte() byte     { return c.take(1)[0] }
func (c *cursor) uint16() uint16 { return binary.BigEndian.Uint16(c.take(2)) }
func (c *cursor) binary() []byte { return c.take(int(c.uint16())) }

// text takes a string and checks its encoding (MQTT 3.1.1, 1.5.3).
func (c *cursor) text() string {
	s := string(c.binary())
	if c.err == nil && !utf8.ValidString(s) {
		c.err = malformed(fmt.Sprintf("string %q is not UTF-8", s))
	}
	for _, r := range s {
		if r == 0 && c.err == nil {
			c.err = malformed(fmt.Sprintf("string %q contains U+0000", s))
		}
	}
	return s
}

// end returns the first error, or one if bytes are left over.
func (c *cursor) end() error {
	if c.err == nil && len(c.rest) > 0 {
		c.err = malformed(fmt.Sprintf("%d bytes left over", len(c.rest)))
	}
	return c.err
}
