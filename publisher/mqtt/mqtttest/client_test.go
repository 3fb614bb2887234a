package mqtttest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

const patience = time.Minute

// witness is a testing.TB that keeps what a broker under test reports.
type witness struct {
	testing.TB
	mu     sync.Mutex
	errors []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errors = append(w.errors, fmt.Sprintf(format, args...))
}

// client is a client that sends whatever it is told to, byte by byte.
type client struct {
	t  testing.TB
	nc net.Conn
	r  *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, nc)
}

func newClient(t testing.TB, nc net.Conn) *client {
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(patience))
	return &client{t: t, nc: nc, r: bufio.NewReader(nc)}
}

// connected dials and goes through CONNECT and CONNACK with a clean session.
func connected(t testing.TB, b *Broker, id string) *client {
	t.Helper()
	c := dial(t, b.Addr)
	c.send(connect(id)...)
	c.expect(0x20, 2, 0, 0)
	return c
}

// connect returns a CONNECT: MQTT, level 4, clean session, keep-alive 60 s.
func connect(id string) []byte {
	return encode(0x10, []byte("\x00\x04MQTT\x04\x02\x00\x3c"), text(id))
}

func (c *client) send(raw ...byte) {
	c.t.Helper()
	if _, err := c.nc.Write(raw); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) publish(topic, payload string, qos byte, id uint16) {
	c.t.Helper()
	c.send(publish(Message{Topic: topic, Payload: []byte(payload), QoS: qos, ID: id, Retain: true})...)
}

// expect reads exactly these bytes.
func (c *client) expect(want ...byte) {
	c.t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c.r, got); err != nil || !bytes.Equal(got, want) {
		c.t.Fatalf("got % x (%v), want % x", got[:n], err, want)
	}
}

// expectMessage reads a PUBLISH and returns its packet identifier.
func (c *client) expectMessage(head byte, topic, payload string) (id uint16) {
	c.t.Helper()
	f, err := readFrame(c.r)
	if err != nil {
		c.t.Fatal(err)
	}
	cur := &cursor{rest: f.body}
	gotTopic := cur.text()
	if head&6 != 0 {
		id = cur.uint16()
	}
	if f.head != head || gotTopic != topic || string(cur.rest) != payload {
		c.t.Fatalf("got %#x %q %q, want %#x %q %q", f.head, gotTopic, cur.rest, head, topic, payload)
	}
	return id
}

// expectSilence checks that nothing comes for a moment.
func (c *client) expectSilence() {
	c.t.Helper()
	_ = c.nc.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	var timeout net.Error
	if raw, err := c.r.ReadByte(); !errors.As(err, &timeout) || !timeout.Timeout() {
		c.t.Fatalf("got %#x (%v), want silence", raw, err)
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(patience))
}

// expectEnd reads to the end and returns its error, nil after FIN.
func (c *client) expectEnd() error {
	c.t.Helper()
	rest, err := io.ReadAll(c.r)
	var timeout net.Error
	if len(rest) > 0 || errors.As(err, &timeout) && timeout.Timeout() {
		c.t.Fatalf("got % x (%v), want the end of the connection", rest, err)
	}
	return err
}

// ids reads n packets of four bytes and returns their packet identifiers.
func (c *client) ids(head byte, n int) []uint16 {
	c.t.Helper()
	var ids []uint16
	for range n {
		f, err := readFrame(c.r)
		if err != nil || f.head != head || len(f.body) != 2 {
			c.t.Fatalf("got %#x % x (%v), want %#x and an id", f.head, f.body, err, head)
		}
		ids = append(ids, binary.BigEndian.Uint16(f.body))
	}
	return ids
}

// awaitEnd waits for a connection to end and returns how.
func awaitEnd(b *Broker, n int) End {
	b.tb.Helper()
	b.Await("the end of a connection", patience, func() bool { return len(b.Ends()) >= n })
	return b.Ends()[n-1]
}
