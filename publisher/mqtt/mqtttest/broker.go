// Package mqtttest is a broker for tests: it speaks MQTT 3.1.1 on loopback,
// records every packet that it receives, judges the client by the letter of the
// specification, and misbehaves on demand. It is to an MQTT client what
// net/http/httptest is to an HTTP client.
//
//	b := mqtttest.Start(t)
//	// ... connect the client under test to b.Addr or b.URL() ...
//	b.Await("two messages", 5*time.Second, func() bool { return len(b.Messages()) == 2 })
//	b.Inject(mqtttest.Every(7, mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop)))
//	b.Kill()
//	b.Start(t) // the same port, the same retained messages
//
// A packet passes through it in this order: it is read and parsed, judged,
// recorded, taken over (retained store, subscribers), and answered. A [Fault]
// picks packets whose answer an [Action] replaces; nothing else is affected, as
// a broker whose PUBACK is lost has taken the message all the same.
//
// Whatever the specification forbids is reported through t.Errorf and kept in
// [Broker.Violations]. The package uses no MQTT library, so that it shares no
// error with the client, and knows nothing of readings, queues or encodings.
// It does not queue messages for subscribers that are away.
package mqtttest

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// relisten is how long Start tries to get back a port that it had before: until
// then a client's own outgoing connection may occupy it.
const relisten = 5 * time.Second

// Broker is a scripted, recording broker. Its zero value is ready for Start; its
// methods are safe for concurrent use, and from within faults and actions.
type Broker struct {
	// Addr is the TCP address to listen on. If it is empty, Start takes a free
	// port of 127.0.0.1 and writes it here, so that the next Start gets it again.
	Addr string
	// TLS, if it is set, is spoken on every connection.
	TLS *tls.Config
	// Pipe makes Start listen on nothing: connections come by Dial alone. Such
	// a broker works inside a testing/synctest bubble.
	Pipe bool
	// Denied, if it is set, reports whether messages of a topic are
	// acknowledged and dropped, as Mosquitto does by its access list. Set it
	// before Start.
	Denied func(topic string) bool

	mu       sync.Mutex
	tb       testing.TB
	up       bool
	listener net.Listener
	conns    map[*Conn]bool
	accepted int
	sessions map[string]*session
	retained store
	faults   []Fault
	frozen   chan struct{} // closed by Thaw; nil while running
	journal  journal
	tasks    sync.WaitGroup
}

// Start starts a broker on a free port of 127.0.0.1 until the test ends.
func Start(tb testing.TB) *Broker {
	tb.Helper()
	return new(Broker).Start(tb)
}

// Start starts the broker, for the first time or after Stop or Kill, and returns
// it. It ends the test if the address cannot be had. The broker is killed when
// the test of the first Start ends; violations are reported to that test.
func (b *Broker) Start(tb testing.TB) *Broker {
	tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.up {
		tb.Fatal("start broker: it is running already")
	}
	if b.tb == nil {
		b.tb = tb
		b.conns = make(map[*Conn]bool)
		b.sessions = make(map[string]*session)
		tb.Cleanup(func() {
			b.Kill()
			b.tasks.Wait()
		})
	}
	if !b.Pipe {
		l, err := listen(b.Addr)
		if err != nil {
			tb.Fatalf("start broker: %v", err)
		}
		b.listener, b.Addr = l, l.Addr().String()
		b.tasks.Go(func() { b.accept(l) })
	}
	b.up = true
	return b
}

// listen listens on addr, or on a free port of 127.0.0.1 if addr is empty.
func listen(addr string) (net.Listener, error) {
	if addr == "" {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		l, err := net.Listen("tcp", addr)
		if err == nil || time.Since(start) > relisten {
			return l, err
		}
	}
}

func (b *Broker) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		if !b.serve(nc) {
			reset(nc)
		}
	}
}

// serve takes a new connection over, or reports false if the broker is down.
func (b *Broker) serve(nc net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.up {
		return false
	}
	b.accepted++
	c := newConn(b, b.accepted, nc)
	b.conns[c] = true
	b.tasks.Go(c.read)
	b.tasks.Go(c.write)
	return true
}

// Dial connects to the broker through memory, without a socket. Its signature is
// that of net.Dialer.DialContext; network and address are ignored. While the
// broker is down it answers "connection refused".
func (b *Broker) Dial(_ context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	if !b.serve(server) {
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: syscall.ECONNREFUSED}
	}
	return client, nil
}

// URL returns the broker's address as mqtt://host:port, or mqtts:// with TLS.
func (b *Broker) URL() string {
	if b.TLS != nil {
		return fmt.Sprintf("mqtts://%s", b.Addr)
	}
	return fmt.Sprintf("mqtt://%s", b.Addr)
}

// Kill acts as kill -9: the port is closed and every connection reset (SO_LINGER
// 0), no will is published. Retained
// messages and sessions survive, see ForgetRetained. Once Kill has returned,
// nothing more is recorded until the next Start.
func (b *Broker) Kill() { b.down(Killed) }

// Stop closes the port and then every connection in the ordinary way (FIN). No
// will is published.
func (b *Broker) Stop() { b.down(Stopped) }

func (b *Broker) down(reason EndReason) {
	b.mu.Lock()
	b.up = false
	if b.listener != nil {
		_ = b.listener.Close()
		b.listener = nil
	}
	var open []*Conn
	for c := range b.conns {
		open = append(open, c)
	}
	b.mu.Unlock()
	for _, c := range open {
		c.end(reason, nil)
	}
}
