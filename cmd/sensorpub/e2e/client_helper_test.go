package e2e

import (
	"bufio"
	"encoding/binary"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// A client is a plain MQTT 3.1.1 client.
type client struct {
	tb   testing.TB
	conn net.Conn
	r    *bufio.Reader
	met  []message // that arrived while waiting for something else
}

var clients atomic.Int64

// dialClient connects to the broker at an address until the end of the test.
func dialClient(tb testing.TB, addr string) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	return newClient(tb, conn)
}

func newClient(tb testing.TB, conn net.Conn) *client {
	tb.Helper()
	tb.Cleanup(func() { conn.Close() })
	c := &client{tb: tb, conn: conn, r: bufio.NewReader(conn)}
	c.connect("test-" + strconv.FormatInt(clients.Add(1), 10))
	return c
}

// connect logs in.
func (c *client) connect(id string) {
	c.tb.Helper()
	c.write(ptConnect<<4, mqttString("MQTT"), []byte{4, 2, 0, 0}, mqttString(id))
	if p := c.await(ptConnack); p.body[1] != 0 {
		c.tb.Fatalf("CONNACK with code %d", p.body[1])
	}
}

// visitAs is a client with an id of its own that stays until the broker closes
// its connection.
func visitAs(tb testing.TB, addr, id string) {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	c := &client{tb: tb, conn: conn, r: bufio.NewReader(conn)}
	c.connect(id)
	conn.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, err := readPacket(c.r); err != nil {
			return
		}
	}
}

func (c *client) write(head byte, parts ...[]byte) {
	c.tb.Helper()
	if err := writePacket(c.conn, head, parts...); err != nil {
		c.tb.Fatal(err)
	}
}

// await returns the next packet of that kind. It keeps the messages that come
// before it, and acknowledges every message.
func (c *client) await(kind byte) packet {
	c.tb.Helper()
	c.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		p, err := readPacket(c.r)
		if err != nil {
			c.tb.Fatalf("wait for a packet of type %d: %v", kind, err)
		}
		switch p.kind() {
		case ptPublish:
			m, id := p.publish()
			c.met = append(c.met, m)
			if m.qos > 0 { // PUBACK or PUBREC
				c.write((ptPuback+m.qos-1)<<4, binary.BigEndian.AppendUint16(nil, id))
			}
		case ptPubrel:
			c.write(ptPubcomp<<4, p.body)
		}
		if p.kind() == kind {
			return p
		}
	}
}

// subscribe subscribes to a filter at QoS 2.
func (c *client) subscribe(filter string) *client {
	c.tb.Helper()
	c.write(ptSubscribe<<4|2, []byte{0, 1}, mqttString(filter), []byte{2})
	if p := c.await(ptSuback); p.body[2] != 2 {
		c.tb.Fatalf("subscribe %s: granted %#x", filter, p.body[2])
	}
	return c
}

// publish sends a message at QoS 1 and waits for its PUBACK.
func (c *client) publish(m message) {
	c.tb.Helper()
	head := byte(ptPublish<<4 | 2)
	if m.retain {
		head |= 1
	}
	c.write(head, mqttString(m.topic), []byte{0, 1}, []byte(m.payload))
	c.await(ptPuback)
}

// next returns the next message.
func (c *client) next() message {
	c.tb.Helper()
	if len(c.met) == 0 {
		c.await(ptPublish)
	}
	m := c.met[0]
	c.met = c.met[1:]
	return m
}

// until returns the messages up to the first one with that topic and payload.
func (c *client) until(topic, payload string) []message {
	c.tb.Helper()
	var all []message
	for {
		m := c.next()
		all = append(all, m)
		if m.topic == topic && m.payload == payload {
			return all
		}
	}
}

// untilEach returns the messages up to the moment when each topic has had one.
// Their order depends on the machine: a sensor may first be read after the
// connection is made.
func (c *client) untilEach(topics ...string) []message {
	c.tb.Helper()
	missing := make(map[string]bool)
	for _, topic := range topics {
		missing[topic] = true
	}
	var all []message
	for len(missing) > 0 {
		m := c.next()
		all = append(all, m)
		if !m.retain {
			delete(missing, m.topic)
		}
	}
	return all
}

// rest returns the messages that have come so far, which are those that the
// broker sends before it answers a PINGREQ.
func (c *client) rest() []message {
	c.tb.Helper()
	c.write(ptPingreq << 4)
	c.await(ptPingresp)
	all := c.met
	c.met = nil
	return all
}

// retained returns what a new subscriber gets immediately, by topic.
func retained(tb testing.TB, addr, filter string) map[string]message {
	tb.Helper()
	c := dialClient(tb, addr).subscribe(filter)
	defer c.conn.Close()
	all := make(map[string]message)
	for _, m := range c.rest() {
		if !m.retain {
			continue // published just now
		}
		all[m.topic] = m
	}
	return all
}
