package mqtttest

import (
	"fmt"
	"time"
)

// open records the acceptance of a connection.
func (b *Broker) open(c *Conn) {
	p := Packet{Type: ACCEPT, Conn: c.number, At: time.Now()}
	b.mu.Lock()
	if c.ended {
		b.mu.Unlock()
		return
	}
	b.journal.add(p)
	b.mu.Unlock()
	b.respond(c, p, nil)
}

// take judges, records and takes over a packet; err says that it is malformed.
// It returns the answer that is due, and a reason if the connection must end.
func (b *Broker) take(c *Conn, p Packet, err error) (answer []byte, reason EndReason) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.ended {
		return nil, Killed
	}
	if err != nil {
		b.violate(c.number, fmt.Sprintf("%v: %v", p.Type, err))
		return nil, Violated
	}
	if p.Connect != nil {
		p.Connect.Conn, p.Connect.At = p.Conn, p.At
	}
	if p.Message != nil {
		p.Message.Conn, p.Message.At = p.Conn, p.At
	}
	b.journal.add(p)
	switch {
	case c.connect == nil && p.Type != CONNECT:
		b.violate(c.number, fmt.Sprintf("%v: the first packet must be CONNECT", p.Type))
		return nil, Violated
	case c.connect != nil && p.Type == CONNECT:
		b.violate(c.number, "CONNECT: second on this connection")
		return nil, Violated
	case p.Type == CONNECT:
		return b.takeConnect(c, p.Connect)
	case p.Type == DISCONNECT:
		c.clean = true
		return nil, Disconnected
	case c.refused && !c.garbled:
		b.violate(c.number, fmt.Sprintf("%v: the CONNACK was a refusal", p.Type))
		return nil, ""
	}
	if !c.accepted {
		return nil, ""
	}
	answer, wrong := b.takeOver(c, p)
	if wrong != "" {
		b.violate(c.number, fmt.Sprintf("%v: %s", p.Type, wrong))
	}
	return answer, ""
}

// takeConnect judges a CONNECT and finds the client's session. The session is
// the connection's own until the CONNACK is sent, see adopt.
func (b *Broker) takeConnect(c *Conn, p *Connect) (answer []byte, reason EndReason) {
	c.connect = p
	switch {
	case p.Protocol != "MQTT" || p.Level != 4:
		b.violate(c.number, fmt.Sprintf("CONNECT: protocol is %q level %d, want \"MQTT\" level 4", p.Protocol, p.Level))
		return connack(false, 1), Violated
	case p.ClientID == "" && !p.CleanSession:
		b.violate(c.number, "CONNECT: no client id, and no clean session")
		return connack(false, 2), Violated
	}
	if c.session = b.sessions[p.ClientID]; c.session == nil || p.CleanSession {
		c.session = newSession()
		return connack(false, 0), ""
	}
	return connack(true, 0), ""
}

// takeOver does what a packet within a session asks for. It returns the answer
// that is due, and what is wrong with the packet.
func (b *Broker) takeOver(c *Conn, p Packet) (answer []byte, wrong string) {
	switch p.Type {
	case PUBLISH:
		return b.takePublish(c, *p.Message)
	case PUBREL:
		answer, wrong = ack(PUBCOMP, p.ID), c.session.release(p.ID)
	case PUBACK, PUBREC, PUBCOMP:
		answer, wrong = c.session.answered(p.Type, p.ID)
	case SUBSCRIBE:
		b.subscribe(c, p.Filters)
		granted := []byte{}
		for _, s := range p.Filters {
			granted = append(granted, s.QoS)
		}
		return encode(byte(SUBACK)<<4, ack(SUBACK, p.ID)[2:], granted), c.session.clash(p.ID)
	case UNSUBSCRIBE:
		for _, s := range p.Filters {
			delete(c.session.filters, s.Filter)
		}
		return ack(UNSUBACK, p.ID), c.session.clash(p.ID)
	case PINGREQ:
		return encode(byte(PINGRESP) << 4), ""
	}
	if c.garbled {
		wrong = ""
	}
	return answer, wrong
}

func (b *Broker) takePublish(c *Conn, m Message) (answer []byte, wrong string) {
	fresh, wrong := c.session.publish(m)
	if fresh {
		b.distribute(m)
	}
	switch m.QoS {
	case 1:
		answer = ack(PUBACK, m.ID)
	case 2:
		answer = ack(PUBREC, m.ID)
	}
	return answer, wrong
}
