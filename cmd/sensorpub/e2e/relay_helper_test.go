package e2e

import (
	"bufio"
	"context"
	"encoding/binary"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A relay is a proxy between the daemon and a broker. It records which messages
// the daemon publishes and which of them the broker acknowledges. When one side
// closes a connection, it closes the other.
type relay struct {
	tb     testing.TB
	addr   string // where it listens
	target string
	delay  time.Duration // of what the broker answers; what is late when a connection ends is lost

	mu      sync.Mutex
	changed chan struct{} // closed at the next event
	links   int
	sent    []*passage
}

// A passage is a PUBLISH that went through.
type passage struct {
	message
	link  int // number of the connection, from 1
	id    uint16
	acked bool // its PUBACK went back
	at    time.Time
}

// newRelay chooses an address, but does not listen yet.
func newRelay(tb testing.TB, target string) *relay {
	tb.Helper()
	return &relay{tb: tb, addr: freeAddr(tb), target: target, changed: make(chan struct{})}
}

// start listens until the end of the test.
func (r *relay) start() *relay {
	r.tb.Helper()
	acceptAt(r.tb, r.addr, r.serve)
	return r
}

// acceptAt serves each connection to an address, and closes what is left at the
// end of the test.
func acceptAt(tb testing.TB, addr string, serve func(net.Conn)) {
	tb.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	var tasks sync.WaitGroup
	tb.Cleanup(func() {
		l.Close()
		tasks.Wait()
	})
	tasks.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			tasks.Go(func() {
				defer closeAtEnd(tb, conn)()
				serve(conn)
			})
		}
	})
}

// closeAtEnd closes a connection at the end of the test, or when the function
// that it returns is called.
func closeAtEnd(tb testing.TB, conn net.Conn) (now func()) {
	stop := context.AfterFunc(tb.Context(), func() { conn.Close() })
	return func() {
		stop()
		conn.Close()
	}
}

func (r *relay) serve(daemon net.Conn) {
	broker, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	defer closeAtEnd(r.tb, broker)()
	r.mu.Lock()
	r.links++
	link := r.links
	r.mu.Unlock()
	var up sync.WaitGroup
	up.Go(func() {
		r.publishes(link, broker, daemon)
		broker.(*net.TCPConn).CloseWrite()
	})
	r.answers(link, daemon, broker)
	daemon.Close()
	up.Wait()
}

// publishes forwards packets to the broker until the daemon closes the
// connection, even if the broker is gone.
func (r *relay) publishes(link int, broker, daemon net.Conn) {
	in := bufio.NewReader(daemon)
	for {
		p, err := readPacket(in)
		if err != nil {
			return
		}
		r.note(link, p)
		broker.Write(p.raw)
	}
}

// answers forwards packets to the daemon until the broker closes the
// connection.
func (r *relay) answers(link int, daemon, broker net.Conn) {
	type answer struct {
		packet
		due time.Time
	}
	ended := make(chan struct{})
	line := make(chan answer, 1000)
	var out sync.WaitGroup
	out.Go(func() {
		for a := range line {
			if wait := time.Until(a.due); wait > 0 {
				select {
				case <-time.After(wait):
				case <-ended:
					return
				}
			}
			r.acknowledge(link, a.packet)
			daemon.Write(a.raw)
		}
	})
	in := bufio.NewReader(broker)
	for {
		p, err := readPacket(in)
		if err != nil {
			break
		}
		line <- answer{p, time.Now().Add(r.delay)}
	}
	close(ended)
	close(line)
	out.Wait()
}

func (r *relay) note(link int, p packet) {
	if p.kind() != ptPublish {
		return
	}
	m, id := p.publish()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, &passage{message: m, link: link, id: id, at: time.Now()})
	r.event()
}

// acknowledge notes the PUBACK of the latest message of that id.
func (r *relay) acknowledge(link int, p packet) {
	if p.kind() != ptPuback {
		return
	}
	id := binary.BigEndian.Uint16(p.body)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.sent) - 1; i >= 0; i-- {
		if s := r.sent[i]; s.link == link && s.id == id {
			s.acked = true
			r.event()
			return
		}
	}
}

func (r *relay) event() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// now returns what has passed, and a channel that is closed when more does.
func (r *relay) now() ([]passage, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]passage, len(r.sent))
	for i, s := range r.sent {
		all[i] = *s
	}
	return all, r.changed
}

// await waits until it has seen something.
func (r *relay) await(what string, seen func([]passage) bool) {
	r.tb.Helper()
	timeout := time.After(patience)
	for {
		all, changed := r.now()
		if seen(all) {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			r.tb.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// lastLink returns the number of the last connection.
func (r *relay) lastLink() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.links
}

// A seq is the sequence number of a JSON payload.
type seq struct {
	text   string
	number int
}

var seqField = regexp.MustCompile(`,"seq":(\d+)}$`)

func seqOf(tb testing.TB, payload string) seq {
	tb.Helper()
	found := seqField.FindStringSubmatch(payload)
	if found == nil {
		tb.Fatalf("got %q, want JSON with a seq", payload)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		tb.Fatal(err)
	}
	return seq{found[1], n}
}
