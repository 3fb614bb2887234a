package e2e

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// The packets that the tests look at (MQTT 3.1.1, table 2.1).
const (
	ptConnect   = 1
	ptConnack   = 2
	ptPublish   = 3
	ptPuback    = 4
	ptPubrec    = 5
	ptPubrel    = 6
	ptPubcomp   = 7
	ptSubscribe = 8
	ptSuback    = 9
	ptPingreq   = 12
	ptPingresp  = 13
)

// A packet is one MQTT control packet, as it is on the wire.
type packet struct {
	raw  []byte
	body []byte // what follows the fixed header
}

func (p packet) kind() byte { return p.raw[0] >> 4 }

// readPacket reads one packet.
func readPacket(r *bufio.Reader) (packet, error) {
	var p packet
	length := 0
	for i := -1; i < 4; i++ {
		b, err := r.ReadByte()
		if err != nil {
			return p, err
		}
		p.raw = append(p.raw, b)
		if i < 0 {
			continue
		}
		length |= int(b&0x7f) << (7 * i)
		if b < 0x80 {
			break
		}
	}
	at := len(p.raw)
	p.raw = append(p.raw, make([]byte, length)...)
	p.body = p.raw[at:]
	_, err := io.ReadFull(r, p.body)
	return p, err
}

// writePacket puts a packet of fewer than 16 KB together and sends it.
func writePacket(w io.Writer, head byte, parts ...[]byte) error {
	body := slices.Concat(parts...)
	p := []byte{head, byte(len(body))}
	if len(body) > 127 {
		p = []byte{head, byte(len(body)) | 0x80, byte(len(body) >> 7)}
	}
	_, err := w.Write(append(p, body...))
	return err
}

func mqttString(s string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...)
}

// A message is a PUBLISH with its flags.
type message struct {
	topic, payload string
	qos            byte
	retain         bool
}

func (m message) String() string {
	return fmt.Sprintf("%s %q qos %d retain %v", m.topic, m.payload, m.qos, m.retain)
}

// publish takes a PUBLISH apart.
func (p packet) publish() (m message, id uint16) {
	m.qos, m.retain = p.raw[0]>>1&3, p.raw[0]&1 != 0
	n := 2 + int(binary.BigEndian.Uint16(p.body))
	m.topic, m.payload = string(p.body[2:n]), string(p.body[n:])
	if m.qos > 0 {
		id = binary.BigEndian.Uint16(p.body[n:])
		m.payload = m.payload[2:]
	}
	return m, id
}
