package mqtt

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"time"
)

// maxUnwritten bounds what waits to be written when another packet is added, in
// bytes, whatever its own length: announcements of some thousand sensors are
// megabytes long. The window keeps it far smaller; more means that something is
// wrong.
const maxUnwritten = 1 << 20

// lastWord is how long a failed write waits for the reader to learn why.
const lastWord = 100 * time.Millisecond

// lastWrite bounds the write of what is left at a clean end.
const lastWrite = 500 * time.Millisecond

// An outbound gathers packets and writes those of one moment as one segment.
type outbound struct {
	nc      net.Conn
	stall   time.Duration // a write that takes longer ends the connection
	writing chan struct{} // holds one while a segment is written
	failed  error         // of a write, whose segment may have gone out in part; belongs to who writes
	dirty   chan struct{} // buf is not empty

	mu      sync.Mutex
	buf     []byte      // to be written
	written []*delivery // end when buf is written
	spare   []byte      // the last segment, to be used again
	over    bool        // a DISCONNECT was added, or the connection has ended
}

func newOutbound(nc net.Conn, stall time.Duration) *outbound {
	return &outbound{nc: nc, stall: stall, writing: make(chan struct{}, 1), dirty: make(chan struct{}, 1)}
}

// add takes a packet over, and a delivery that ends when the packet is written, or
// nil. It does not block. After a DISCONNECT nothing may follow, such as a PINGREQ
// of the same moment (MQTT 3.1.1, section 3.14.4).
func (o *outbound) add(p []byte, d *delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return net.ErrClosed
	}
	if len(o.buf) > maxUnwritten {
		return errors.New("too much waits to be written")
	}
	o.buf = append(o.buf, p...)
	if d != nil {
		o.written = append(o.written, d)
	}
	o.over = p[0]>>4 == 14
	select {
	case o.dirty <- struct{}{}:
	default:
	}
	return nil
}

// run writes what is gathered until done is closed or a write fails. It lets
// goroutines that are about to write do so first, which makes fewer and fuller
// segments.
func (o *outbound) run(done <-chan struct{}) error {
	for {
		select {
		case <-done:
			return nil
		case <-o.dirty:
		}
		runtime.Gosched()
		if err := o.write(o.stall); err != nil {
			return err
		}
	}
}

// write sends what is gathered and gives up after the time given. After an error
// nothing more is written: the broker would take it for the rest of the packet that
// was cut off.
func (o *outbound) write(within time.Duration) error {
	o.writing <- struct{}{}
	defer func() { <-o.writing }()
	if o.failed != nil {
		return o.failed
	}
	o.mu.Lock()
	segment, written := o.buf, o.written
	o.buf, o.written = o.spare[:0], nil
	o.spare = segment
	o.mu.Unlock()
	if len(segment) == 0 {
		return nil
	}
	o.nc.SetWriteDeadline(time.Now().Add(within))
	_, err := o.nc.Write(segment)
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		err = errors.New("the broker has stopped reading")
	}
	o.failed = err
	for _, d := range written {
		d.end(err)
	}
	return err
}

// end ends the deliveries that will not be written.
func (o *outbound) end(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over = true
	for _, d := range o.written {
		d.end(err)
	}
	o.written = nil
}

// finish writes what is left before the connection is closed, and hurries a
// write under way.
func (o *outbound) finish() {
	o.nc.SetWriteDeadline(time.Now().Add(lastWrite))
	o.write(lastWrite)
}
