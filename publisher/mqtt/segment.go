package mqtt

import (
	"encoding/binary"
	"errors"
	"net"
	"runtime"
	"time"
)

// maxUnwritten bounds what waits to be written. The window keeps it far
// smaller; more than that means that the library has gone wrong.
const maxUnwritten = 1 << 20

// lastWord is how long a failed write waits for the reader to learn why.
const lastWord = 100 * time.Millisecond

// lastWrite bounds the write of what is left at a clean end.
const lastWrite = 500 * time.Millisecond

// Write takes one packet from the library, which writes packets whole, and
// leaves it to flush to send it with those that are written at the same time.
// It never blocks.
func (g *guard) Write(p []byte) (int, error) {
	if err := g.enter(p); err != nil {
		g.fail(err)
		return 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cause != nil {
		return 0, g.cause
	}
	if len(g.out)+len(p) > maxUnwritten {
		return 0, errors.New("too much waits to be written")
	}
	g.out = append(g.out, p...)
	g.sent = time.Now()
	select {
	case g.dirty <- struct{}{}:
	default:
	}
	return len(p), nil
}

// enter notes in the ledger which answer a packet asks for.
func (g *guard) enter(p []byte) error {
	body, ok := body(p)
	if !ok {
		return errors.New("the library wrote part of a packet")
	}
	switch kind, qos := p[0]>>4, p[0]>>1&3; {
	case kind == 1: // CONNECT
		g.announce(body)
	case kind == 8 && len(body) >= 2: // SUBSCRIBE
		g.mu.Lock()
		g.filters = filters(body[2:])
		g.mu.Unlock()
		g.ledger.expect(binary.BigEndian.Uint16(body), suback)
	case kind == 3 && qos > 0 && len(body) >= 4: // PUBLISH
		at := 2 + int(binary.BigEndian.Uint16(body))
		if len(body) < at+2 {
			return errors.New("the library wrote a malformed PUBLISH")
		}
		answer := puback
		if qos == 2 {
			answer = pubrec
		}
		g.ledger.expect(binary.BigEndian.Uint16(body[at:]), answer)
	}
	return nil
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

// flush writes what is gathered until the connection ends. It lets those who
// are about to write do so first, which makes fewer and fuller segments.
func (g *guard) flush() {
	for {
		select {
		case <-g.done:
			return
		case <-g.dirty:
		}
		runtime.Gosched()
		if err := g.write(g.stall); err != nil {
			// What the broker said before it closed, such as a TLS alert,
			// tells more.
			select {
			case <-g.done:
			case <-time.After(lastWord):
			}
			g.fail(err)
			return
		}
	}
}

// write sends what is gathered and gives up after the time given.
func (g *guard) write(within time.Duration) error {
	g.writing <- struct{}{}
	defer func() { <-g.writing }()
	g.mu.Lock()
	out := g.out
	g.out = g.spare[:0]
	g.spare = out
	g.mu.Unlock()
	if len(out) == 0 {
		return nil
	}
	g.Conn.SetWriteDeadline(time.Now().Add(within))
	_, err := g.Conn.Write(out)
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("the broker has stopped reading")
	}
	return err
}

// Close ends the connection from our side after what is gathered was written.
func (g *guard) Close() error {
	if g.err() == nil {
		g.Conn.SetWriteDeadline(time.Now().Add(lastWrite)) // also for a write under way
		g.write(lastWrite)                                 // the connection ends whether it succeeds or not
	}
	g.fail(net.ErrClosed)
	return nil
}

// The library's own deadlines are for the handshake only; flush sets its own.
func (g *guard) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline bounds the handshake.
func (g *guard) SetDeadline(t time.Time) error { return g.Conn.SetReadDeadline(t) }
