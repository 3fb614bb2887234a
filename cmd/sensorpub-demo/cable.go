package main

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	"sensorpub/cmd/sensorpub/timeout"
)

const (
	cutFor    = 4 * time.Second        // how long an outage lasts
	reconnect = 750 * time.Millisecond // until the daemon is connected again
)

// A cable is the network between the daemon and the broker. Cutting it does not
// affect the broker, the view and other clients, like a lost Wi-Fi.
type cable struct {
	mu   sync.Mutex
	cut  bool
	conn net.Conn // the last one
}

// dial opens a connection through the cable. It is a DialContext of the MQTT
// client.
func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if c.isCut() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETUNREACH}
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		c.mu.Lock()
		c.conn = conn
		c.mu.Unlock()
	}
	return conn, err
}

// run cuts the cable now and then until ctx ends: first after half a period,
// then a period after each repair. It leaves out an outage that would not be
// over by the end of the demo.
func (c *cable) run(ctx context.Context, period time.Duration) error {
	if period == 0 {
		return nil
	}
	end, ends := ctx.Deadline()
	for up := period / 2; timeout.Sleep(ctx, up); up = period {
		if ends && time.Until(end) < cutFor+reconnect {
			return nil
		}
		c.set(true)
		timeout.Sleep(ctx, cutFor)
		c.set(false)
	}
	return nil
}

// set cuts or mends the cable. The daemon notices a cut as a read timeout.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	if cut && c.conn != nil {
		c.conn.SetReadDeadline(time.Now())
	}
}

func (c *cable) isCut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cut
}
