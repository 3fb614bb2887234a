package mqtttest

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy is a TCP proxy that simulates a bad network between a client and a
// broker. It knows nothing about MQTT. Its methods are safe for concurrent use.
type Proxy struct {
	// Addr is the address to listen on. If it is empty, Start takes a free port
	// of 127.0.0.1 and writes it here.
	Addr string
	// Target is the address to connect to.
	Target string

	mu       sync.Mutex
	listener net.Listener
	links    map[*link]bool
	state    proxyState
	changed  chan struct{} // closed at the next change of state
	accepted int
	up, down int64
	tasks    sync.WaitGroup
	cleaned  bool
}

// proxyState is what the proxy does to the bytes that pass.
type proxyState struct {
	mode    proxyMode
	rate    int // bytes per second each way, 0: no limit
	latency time.Duration
	cut     int64 // bytes after which a connection is cut, 0: never
}

type proxyMode int

const (
	passing proxyMode = iota
	stalled
	black
)

// StartProxy starts a proxy to target on a free port of 127.0.0.1 until the
// test ends.
func StartProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	return (&Proxy{Target: target}).Start(tb)
}

// Start starts the proxy, for the first time or after Stop, and returns it. It
// ends the test if the address cannot be had. The proxy is stopped at the end
// of the test of the first Start.
func (p *Proxy) Start(tb testing.TB) *Proxy {
	tb.Helper()
	l, err := listen(p.Addr)
	if err != nil {
		tb.Fatalf("start proxy: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener, p.Addr = l, l.Addr().String()
	if !p.cleaned {
		p.cleaned = true
		p.links = make(map[*link]bool)
		p.changed = make(chan struct{})
		tb.Cleanup(func() {
			p.Stop()
			p.tasks.Wait()
		})
	}
	p.tasks.Go(func() { p.accept(l) })
	return p
}

func (p *Proxy) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.accepted++
		if p.listener != l {
			p.mu.Unlock()
			reset(nc)
			return
		}
		k := &link{p: p, client: nc, done: make(chan struct{})}
		p.links[k] = true
		if p.state.rate > 0 {
			_ = nc.(*net.TCPConn).SetReadBuffer(4096)
		}
		p.tasks.Go(k.run)
		p.mu.Unlock()
	}
}

// Stop closes the port and resets all connections.
func (p *Proxy) Stop() {
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Unlock()
	p.Reset()
}

// Pass lets bytes through. A connection that lost some in a black hole stays
// dead, as a half-open one does.
func (p *Proxy) Pass() { p.set(func(s *proxyState) { s.mode = passing }) }

// Blackhole keeps connections, and accepts new ones, but swallows whatever is
// sent either way, the closing of a connection too.
func (p *Proxy) Blackhole() { p.set(func(s *proxyState) { s.mode = black }) }

// Stall holds all bytes back until Pass, as a network does that loses every
// packet for a while and whose ends then send them again. Nothing is lost.
func (p *Proxy) Stall() { p.set(func(s *proxyState) { s.mode = stalled }) }

// Limit sets the bandwidth each way of each connection in bytes per second; 0
// means no limit.
func (p *Proxy) Limit(bytesPerSecond int) { p.set(func(s *proxyState) { s.rate = bytesPerSecond }) }

// Latency sets the delay of every byte each way.
func (p *Proxy) Latency(d time.Duration) { p.set(func(s *proxyState) { s.latency = d }) }

// CutAfter resets each connection when it has passed on n bytes from the client
// to the target, counted from its start, in the middle of a packet if it so
// happens; 0 means never.
func (p *Proxy) CutAfter(n int64) { p.set(func(s *proxyState) { s.cut = n }) }

func (p *Proxy) set(change func(*proxyState)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.state)
	if p.changed != nil {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

func (p *Proxy) get() (proxyState, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.changed
}

// Reset resets all present connections (RST both ways).
func (p *Proxy) Reset() {
	p.mu.Lock()
	var all []*link
	for k := range p.links {
		all = append(all, k)
	}
	p.mu.Unlock()
	for _, k := range all {
		k.reset()
	}
}

// Bytes returns how many bytes have been passed on from clients to the target,
// and from the target to clients.
func (p *Proxy) Bytes() (up, down int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up, p.down
}

func (p *Proxy) count(counter *int64, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*counter += int64(n)
}

// Accepted returns how many connections have been accepted so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}
