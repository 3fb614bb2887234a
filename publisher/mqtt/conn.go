package mqtt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// A conn is the connection as the client library sees it. Inbound, a packet
// passes only whole, well formed, and if this client has asked for it: the
// library would allocate any announced length, take a CONNACK with an unknown
// code for a success, and panic on a SUBACK that is too long. Outbound, what is
// written at one time goes out as one segment.
type conn struct {
	net.Conn
	in       *inbound
	out      *outbound
	inflight *inflight
	alive    *keepAlive

	mu    sync.Mutex
	cause error         // why the connection ended
	done  chan struct{} // closed when it has ended
}

// newConn wraps a connection. A write may take up to stall; keepAlive is in
// whole seconds; heard is called for each packet that comes, from the CONNACK
// on.
func newConn(nc net.Conn, stall, keepAlive time.Duration, heard func()) *conn {
	c := &conn{Conn: nc, inflight: newInflight(), done: make(chan struct{})}
	c.out = newOutbound(nc, stall)
	c.alive = newKeepAlive(keepAlive, c.ping, c.fail)
	c.in = newInbound(nc, c.inflight, c.release, func() {
		c.alive.heard()
		heard()
	})
	return c
}

// fail ends the connection. Only the first cause is kept.
func (c *conn) fail(cause error) {
	c.mu.Lock()
	first := c.cause == nil
	if first {
		c.cause = cause
		close(c.done)
	}
	c.mu.Unlock()
	if first {
		c.alive.stop()
		c.Conn.Close()
		c.inflight.end(cause)
		c.out.end(cause)
	}
}

// err returns why the connection ended.
func (c *conn) err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// Read gives the library packets that were inspected.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if err != nil {
		c.fail(err)
		return 0, c.err()
	}
	return n, nil
}

// Write takes one packet from the library, which writes packets whole. It never
// blocks; flush does the writing.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.note(p); err != nil {
		c.fail(err)
		return 0, err
	}
	if err := c.send(p, nil); err != nil {
		return 0, err
	}
	return len(p), nil
}

// send takes one packet over, and a delivery that ends when it is written, or nil. It
// never blocks.
func (c *conn) send(packet []byte, d *delivery) error {
	if err := c.err(); err != nil {
		return err
	}
	if err := c.out.add(packet, d); err != nil {
		return err
	}
	c.alive.wrote()
	return nil
}

// note records which answer a packet of the library asks for, and puts the
// keep-alive into a CONNECT.
func (c *conn) note(p []byte) error {
	body, ok := body(p)
	if !ok {
		return errors.New("the library wrote part of a packet")
	}
	switch p[0] >> 4 {
	case 1: // CONNECT
		c.alive.start(body)
	case 8: // SUBSCRIBE
		if len(body) < 2 {
			return errors.New("the library wrote a malformed SUBSCRIBE")
		}
		c.inflight.subscribe(binary.BigEndian.Uint16(body), filters(body[2:]))
	case 3: // PUBLISH, in a program built with the tag paho
		return c.notePublish(p[0]>>1&3, body)
	}
	return nil
}

func (c *conn) notePublish(qos byte, body []byte) error {
	if qos == 0 {
		return nil
	}
	if len(body) >= 2 {
		if at := 2 + int(binary.BigEndian.Uint16(body)); len(body) >= at+2 {
			c.inflight.expect(binary.BigEndian.Uint16(body[at:]), qos)
			return nil
		}
	}
	return errors.New("the library wrote a malformed PUBLISH")
}

// filters counts the topic filters of a SUBSCRIBE (MQTT 3.1.1, section 3.8.3).
func filters(payload []byte) (n int) {
	for ; len(payload) >= 2; n++ {
		payload = payload[min(2+int(binary.BigEndian.Uint16(payload))+1, len(payload)):]
	}
	return n
}

// body returns what follows the fixed header of a whole packet.
func body(p []byte) ([]byte, bool) {
	for i, n := 1, 0; i < len(p) && i <= 4; i++ {
		n |= int(p[i]&0x7f) << (7 * (i - 1))
		if p[i]&0x80 == 0 {
			return p[i+1:], len(p) == i+1+n
		}
	}
	return nil, false
}

// flush writes what the library has handed over until the connection ends.
func (c *conn) flush() {
	err := c.out.run(c.done)
	if err == nil {
		return
	}
	// What the broker said before it closed, such as a TLS alert, says more.
	select {
	case <-c.done:
	case <-time.After(lastWord):
	}
	c.fail(err)
}

// ping asks the broker for a sign of life. Its error has ended the connection.
func (c *conn) ping() { c.Write([]byte{0xc0, 0}) }

// Close ends the connection from our side after what is pending was written.
func (c *conn) Close() error {
	if c.err() == nil {
		c.out.finish() // the connection ends whether it succeeds or not
	}
	c.fail(net.ErrClosed)
	return nil
}

// SetWriteDeadline does nothing: the library's deadlines are for the handshake
// only, and outbound sets its own.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline bounds the handshake.
func (c *conn) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

func protocolError(format string, args ...any) error {
	return fmt.Errorf("protocol error: received "+format, args...)
}
