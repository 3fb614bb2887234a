package mqtt

import (
	"encoding/binary"
	"errors"
	"time"
)

// The guard keeps the connection alive itself (MQTT 3.1.1, section 3.1.2.10).
// The library would look four times in a keep-alive interval whether there is
// anything to do, each time a wake-up, and would notice a dead link later.

// keepAliveOffset is where the keep-alive stands in the body of a CONNECT:
// after name, level and flags.
const keepAliveOffset = 8

var (
	pingreq       = []byte{0xc0, 0}
	errNoPingresp = errors.New("no answer to PINGREQ")
)

// announce puts the keep-alive into a CONNECT, which the library was told to
// write without, and starts to keep the connection alive.
func (g *guard) announce(connect []byte) {
	if len(connect) < keepAliveOffset+2 || g.keepAlive <= 0 {
		return
	}
	binary.BigEndian.PutUint16(connect[keepAliveOffset:], uint16(g.keepAlive/time.Second))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sent = time.Now()
	g.received = g.sent
	g.pinger = time.AfterFunc(g.keepAlive, g.ping)
}

// ping sends a PINGREQ if nothing was sent or nothing was received for a
// keep-alive interval, ends the connection if the answer to the last one is
// half an interval late, and comes again when there may be something to do.
func (g *guard) ping() {
	now := time.Now()
	g.mu.Lock()
	quiet := g.sent
	if g.received.Before(quiet) {
		quiet = g.received
	}
	due := quiet.Add(g.keepAlive)
	switch {
	case g.cause != nil:
		g.mu.Unlock()
		return
	case !g.pinged.IsZero():
		g.mu.Unlock()
		g.fail(errNoPingresp)
		return
	case now.Before(due):
		g.pinger.Reset(due.Sub(now))
		g.mu.Unlock()
		return
	}
	g.pinged = now
	g.pinger.Reset(g.keepAlive / 2)
	g.mu.Unlock()
	g.Write(pingreq) // its error has ended the connection
}

// heard notes that the broker lives.
func (g *guard) heard() {
	g.mu.Lock()
	g.received = time.Now()
	g.pinged = time.Time{}
	g.mu.Unlock()
}
