package mqtt

import (
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// keepAliveOffset is where the keep-alive stands in the body of a CONNECT:
// after name, level and flags (MQTT 3.1.1, section 3.1.2).
const keepAliveOffset = 8

var errNoPingresp = errors.New("no answer to PINGREQ")

// A keepAlive keeps a connection alive (MQTT 3.1.1, section 3.1.2.10). The
// library would wake up four times in an interval to look whether there is
// anything to do, and would notice a dead link later.
type keepAlive struct {
	interval time.Duration // whole seconds; 0: off
	ping     func()        // sends a PINGREQ
	fail     func(error)

	mu       sync.Mutex
	timer    *time.Timer // nil before the CONNECT
	stopped  bool
	sent     time.Time // last
	received time.Time // last
	pinged   time.Time // when the PINGREQ was sent whose answer is due; or zero
}

func newKeepAlive(interval time.Duration, ping func(), fail func(error)) *keepAlive {
	return &keepAlive{interval: interval, ping: ping, fail: fail}
}

// start writes the interval into the body of a CONNECT, which the library was
// told to write without one, and begins to watch the connection.
func (k *keepAlive) start(connect []byte) {
	if len(connect) < keepAliveOffset+2 || k.interval <= 0 {
		return
	}
	binary.BigEndian.PutUint16(connect[keepAliveOffset:], uint16(k.interval/time.Second))
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent = time.Now()
	k.received = k.sent
	if !k.stopped {
		k.timer = time.AfterFunc(k.interval, k.check)
	}
}

// check sends a PINGREQ if nothing was sent or nothing was received for an
// interval, ends the connection if the answer to the last one is half an
// interval late, and sets the timer for the next time it may have to act.
func (k *keepAlive) check() {
	now := time.Now()
	k.mu.Lock()
	if k.stopped {
		k.mu.Unlock()
		return
	}
	if !k.pinged.IsZero() {
		k.mu.Unlock()
		k.fail(errNoPingresp)
		return
	}
	quiet := k.sent
	if k.received.Before(quiet) {
		quiet = k.received
	}
	if due := quiet.Add(k.interval); now.Before(due) {
		k.timer.Reset(due.Sub(now))
		k.mu.Unlock()
		return
	}
	k.pinged = now
	k.timer.Reset(k.interval / 2)
	k.mu.Unlock()
	k.ping()
}

// wrote notes that a packet was sent.
func (k *keepAlive) wrote() {
	k.mu.Lock()
	k.sent = time.Now()
	k.mu.Unlock()
}

// heard notes that a packet has come from the broker.
func (k *keepAlive) heard() {
	k.mu.Lock()
	k.received = time.Now()
	k.pinged = time.Time{}
	k.mu.Unlock()
}

func (k *keepAlive) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	if k.timer != nil {
		k.timer.Stop()
	}
}
