package mqtt

import (
	"encoding/binary"
	"sync"
)

// A delivery is the token of a message that was published.
type delivery struct {
	mu    sync.Mutex
	ended bool
	err   error
	done  chan struct{} // made when it is asked for: few are, and it is larger than the rest
}

// closed is what Done returns of a delivery that has ended.
var closed = make(chan struct{})

func init() { close(closed) }

// Done implements [Token].
func (d *delivery) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return closed
	}
	if d.done == nil {
		d.done = make(chan struct{})
	}
	return d.done
}

// Error implements [Token].
func (d *delivery) Error() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

func (d *delivery) end(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended, d.err = true, err
	if d.done != nil {
		close(d.done)
	}
}

// publish sends a message. It does not go through the library, which hands each
// from one goroutine to the next, and its acknowledgement back through two others,
// with 40 allocations: more than half of what a message cost (measured).
func (c *conn) publish(m Message) *delivery {
	d := &delivery{}
	var id uint16
	var written *delivery // at QoS 0 there is no acknowledgement
	if m.QoS == 0 {
		written = d
	} else {
		var err error
		if id, err = c.inflight.publish(d, m.QoS); err != nil {
			d.end(err)
			return d
		}
	}
	var short [256]byte // spares an allocation
	err := c.send(appendPublish(short[:0], m, id), written)
	switch {
	case err == nil:
	case m.QoS == 0:
		d.end(err)
	default:
		c.inflight.forget(id, err)
	}
	return d
}

// appendPublish appends a PUBLISH (MQTT 3.1.1, section 3.3).
func appendPublish(p []byte, m Message, id uint16) []byte {
	first := 3<<4 | m.QoS<<1
	if m.Retain {
		first |= 1
	}
	length := 2 + len(m.Topic) + len(m.Payload)
	if m.QoS > 0 {
		length += 2
	}
	p = append(p, first)
	for ; length > 127; length >>= 7 {
		p = append(p, byte(length)|0x80)
	}
	p = append(p, byte(length))
	p = binary.BigEndian.AppendUint16(p, uint16(len(m.Topic)))
	p = append(p, m.Topic...)
	if m.QoS > 0 {
		p = binary.BigEndian.AppendUint16(p, id)
	}
	return append(p, m.Payload...)
}

// release sends the PUBREL of a QoS 2 message (MQTT 3.1.1, section 3.6).
func (c *conn) release(id uint16) {
	c.send(binary.BigEndian.AppendUint16([]byte{6<<4 | 2, 2}, id), nil) // an error has ended the connection
}
