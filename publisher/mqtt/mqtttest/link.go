package mqtttest

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through a Proxy.
type link struct {
	p      *Proxy
	client net.Conn
	target net.Conn    // nil until connected
	dead   atomic.Bool // has lost bytes in a black hole
	done   chan struct{}
	once   sync.Once
	mu     sync.Mutex // guards target while connecting
}

// parcel is a piece of the stream on its way.
type parcel struct {
	data []byte
	due  time.Time
	last bool // reset the connection after it
}

// run connects and passes bytes until both directions have ended.
func (k *link) run() {
	defer k.leave()
	if !k.connect() {
		return
	}
	if k.dead.Load() {
		_, _ = io.Copy(io.Discard, k.client)
		<-k.done
		return
	}
	var both sync.WaitGroup
	both.Go(func() { k.pump(k.client, k.target, &k.p.up) })
	both.Go(func() { k.pump(k.target, k.client, &k.p.down) })
	both.Wait()
}

// connect connects to the target, unless the proxy is a black hole. It reports
// false if the link is over.
func (k *link) connect() bool {
	switch k.gate() {
	case black:
		k.dead.Store(true)
		return true
	case stalled:
		return false
	}
	nc, err := net.DialTimeout("tcp", k.p.Target, 5*time.Second)
	if err != nil {
		k.reset()
		return false
	}
	k.mu.Lock()
	k.target = nc
	k.mu.Unlock()
	select {
	case <-k.done:
		reset(nc)
		return false
	default:
		return true
	}
}

// gate waits while the proxy is stalled. It returns stalled if the link is over.
func (k *link) gate() proxyMode {
	for {
		state, changed := k.p.get()
		if state.mode != stalled {
			return state.mode
		}
		select {
		case <-changed:
		case <-k.done:
			return stalled
		}
	}
}

// pump reads from src, at no more than the set rate, what deliver writes to dst.
func (k *link) pump(src, dst net.Conn, counter *int64) {
	line := make(chan parcel, 64)
	var delivery sync.WaitGroup
	delivery.Go(func() { k.deliver(line, dst, counter) })
	defer delivery.Wait()
	defer close(line)
	var passed int64
	buf := make([]byte, 32<<10)
	for k.gate() != stalled {
		state, _ := k.p.get()
		n, err := src.Read(buf[:chunk(state.rate, len(buf))])
		switch k.gate() {
		case stalled:
			return
		case black:
			k.dead.Store(true)
		}
		if n > 0 && !k.dead.Load() {
			passed += int64(n)
			line <- k.wrap(buf[:n], src, passed)
		}
		if err != nil {
			k.ended(err)
			return
		}
	}
}

// wrap makes a parcel of the bytes just read from src, passed in all, once the
// set rate allows it. The settings are those of now: Read may have waited long.
func (k *link) wrap(raw []byte, src net.Conn, passed int64) parcel {
	state, _ := k.p.get()
	if state.rate > 0 {
		k.sleep(time.Duration(len(raw)) * time.Second / time.Duration(state.rate))
	}
	piece := parcel{data: append([]byte(nil), raw...), due: time.Now().Add(state.latency)}
	if over := passed - state.cut; src == k.client && state.cut > 0 && over >= 0 {
		piece.data = piece.data[:max(0, int64(len(raw))-over)]
		piece.last = true
	}
	return piece
}

// chunk returns how many bytes to read at once: a twentieth of a second's worth.
func chunk(rate, most int) int {
	if rate <= 0 {
		return most
	}
	return min(max(rate/20, 1), most)
}

// ended decides what the end of one side means: a reset goes on to the other,
// and on a dead link nothing is passed on until the proxy stops.
func (k *link) ended(err error) {
	switch {
	case k.dead.Load():
		<-k.done
	case !errors.Is(err, io.EOF):
		k.reset()
	}
}

// deliver writes the parcels to dst when they are due, and then its end.
func (k *link) deliver(line <-chan parcel, dst net.Conn, counter *int64) {
	for piece := range line {
		k.sleep(time.Until(piece.due))
		k.p.count(counter, len(piece.data)) // before the other end can have them
		n, _ := dst.Write(piece.data)
		k.p.count(counter, n-len(piece.data))
		if piece.last {
			k.reset()
		}
	}
	_ = dst.(*net.TCPConn).CloseWrite()
}

// sleep sleeps, at most until the link is over.
func (k *link) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-k.done:
	}
}

// reset resets both sides.
func (k *link) reset() {
	k.once.Do(func() { close(k.done) })
	k.mu.Lock()
	defer k.mu.Unlock()
	reset(k.client)
	if k.target != nil {
		reset(k.target)
	}
}

// leave closes both sides in the ordinary way, which changes nothing after reset.
func (k *link) leave() {
	k.once.Do(func() { close(k.done) })
	_ = k.client.Close()
	if k.target != nil {
		_ = k.target.Close()
	}
	k.p.mu.Lock()
	defer k.p.mu.Unlock()
	delete(k.p.links, k)
}
