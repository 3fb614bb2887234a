package mqtttest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// linger is how long after DISCONNECT the client is watched for further bytes.
const linger = 100 * time.Millisecond

// read reads the connection to its end.
func (c *Conn) read() {
	if !c.b.thawed(c) {
		return
	}
	if secure, ok := c.nc.(*tls.Conn); ok {
		if err := secure.Handshake(); err != nil {
			c.end(HandshakeFailed, err)
			return
		}
	}
	c.b.open(c)
	r := bufio.NewReader(c.nc)
	if head, err := r.Peek(2); err == nil && head[0] == 0x16 && head[1] == 0x03 {
		c.end(TLSOnPlainPort, nil)
		return
	}
	for {
		reason, err := c.next(r)
		if reason != "" {
			c.end(reason, err)
			return
		}
	}
}

// next reads and answers one packet; a reason ends the connection.
func (c *Conn) next(r *bufio.Reader) (EndReason, error) {
	if c.connect != nil && c.connect.KeepAlive > 0 {
		_ = c.nc.SetReadDeadline(time.Now().Add(c.connect.KeepAlive * 3 / 2))
	}
	f, err := readFrame(r)
	if !c.b.thawed(c) {
		return Killed, nil
	}
	p := Packet{Type: Type(f.head >> 4)}
	if err == nil {
		p, err = parse(f)
	}
	if wrong := malformed(""); err != nil && !errors.As(err, &wrong) {
		return lost(err), err
	}
	p.Conn, p.At = c.number, time.Now()
	answer, reason := c.b.take(c, p, err)
	if reason == Disconnected {
		c.watch(r)
		return reason, nil
	}
	if reason != "" {
		c.Send(answer)
		c.close(reason)
		<-c.done
		return reason, err
	}
	c.b.respond(c, p, answer)
	c.release()
	return "", nil
}

// lost returns why reading failed.
func lost(err error) EndReason {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return KeepAliveExpired
	case errors.Is(err, io.ErrUnexpectedEOF):
		return CutWithinPacket
	case errors.Is(err, syscall.ECONNRESET):
		return ResetByClient
	}
	return ClosedByClient
}

// watch waits for the client to close the connection after its DISCONNECT.
func (c *Conn) watch(r *bufio.Reader) {
	_ = c.nc.SetReadDeadline(time.Now().Add(linger))
	if _, err := r.ReadByte(); err == nil {
		c.b.mu.Lock()
		defer c.b.mu.Unlock()
		c.b.violate(c.number, "bytes after DISCONNECT")
	}
}

// end ends the connection. Only the first reason counts.
func (c *Conn) end(reason EndReason, err error) {
	c.b.mu.Lock()
	if c.ended {
		c.b.mu.Unlock()
		return
	}
	c.ended = true
	c.b.leave(c, End{Conn: c.number, At: time.Now(), Reason: reason, Err: err})
	c.b.mu.Unlock()
	close(c.done)
	if reason == Killed || reason == ResetByBroker {
		reset(c.raw)
	}
	_ = c.nc.Close()
}

// reset closes a connection with RST, where it has such a thing.
func reset(nc net.Conn) {
	if tc, ok := nc.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
	_ = nc.Close()
}
