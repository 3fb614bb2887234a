package mqtttest

import (
	"fmt"
	"time"
)

// parse reads the content of a packet that a client may send, and checks what
// can be checked without knowing what went before. With an error the packet is
// filled in as far as possible.
func parse(f frame) (Packet, error) {
	p := Packet{Type: Type(f.head >> 4)}
	flags := f.head & 0x0f
	want := byte(0)
	switch p.Type {
	case PUBREL, SUBSCRIBE, UNSUBSCRIBE:
		want = 2
	case PUBLISH:
		want = flags
	}
	if flags != want {
		return p, malformed(fmt.Sprintf("reserved flags are %#x, want %#x", flags, want))
	}
	cur := &cursor{rest: f.body}
	err := error(malformed("not a packet that a client sends"))
	switch p.Type {
	case CONNECT:
		err = parseConnect(cur, &p)
	case PUBLISH:
		err = parsePublish(cur, flags, &p)
	case PUBACK, PUBREC, PUBREL, PUBCOMP:
		p.ID = cur.uint16()
		err = cur.end()
	case SUBSCRIBE, UNSUBSCRIBE:
		err = parseFilters(cur, &p)
	case PINGREQ, DISCONNECT:
		err = cur.end()
	}
	return p, err
}

// parseConnect reads a CONNECT (MQTT 3.1.1, 3.1).
func parseConnect(cur *cursor, p *Packet) error {
	c := &Connect{Protocol: cur.text(), Level: cur.byte()}
	p.Connect = c
	if cur.err != nil || c.Protocol != "MQTT" || c.Level != 4 {
		return cur.err // another protocol: the rest may look different
	}
	flags := cur.byte()
	c.CleanSession = flags&0x02 != 0
	c.KeepAlive = time.Duration(cur.uint16()) * time.Second
	c.ClientID = cur.text()
	if flags&0x04 != 0 {
		c.Will = &Message{QoS: flags >> 3 & 3, Retain: flags&0x20 != 0}
		c.Will.Topic = cur.text()
		c.Will.Payload = cur.binary()
	}
	if c.HasUsername = flags&0x80 != 0; c.HasUsername {
		c.Username = cur.text()
	}
	if c.HasPassword = flags&0x40 != 0; c.HasPassword {
		c.Password = string(cur.binary())
	}
	if err := cur.end(); err != nil {
		return err
	}
	switch {
	case flags&0x01 != 0:
		return malformed("reserved connect flag is set")
	case c.Will == nil && flags&0x38 != 0:
		return malformed("will QoS or will retain without a will")
	case c.Will != nil && c.Will.QoS == 3:
		return malformed("will QoS is 3")
	case c.HasPassword && !c.HasUsername:
		return malformed("password without a user name")
	case c.Will != nil:
		return checkTopic(c.Will.Topic)
	}
	return nil
}

// parsePublish reads a PUBLISH (MQTT 3.1.1, 3.3).
func parsePublish(cur *cursor, flags byte, p *Packet) error {
	m := &Message{QoS: flags >> 1 & 3, Retain: flags&1 != 0, Dup: flags&8 != 0}
	m.Topic = cur.text()
	if m.QoS > 0 {
		m.ID = cur.uint16()
		p.ID = m.ID
	}
	m.Payload = cur.rest
	switch {
	case cur.err != nil:
		return cur.err
	case m.QoS == 3:
		return malformed("QoS is 3")
	case m.QoS > 0 && m.ID == 0:
		return malformed("packet id is 0")
	case m.QoS == 0 && m.Dup:
		return malformed("DUP is set with QoS 0")
	}
	p.Message = m
	return checkTopic(m.Topic)
}

// parseFilters reads a SUBSCRIBE or an UNSUBSCRIBE (MQTT 3.1.1, 3.8 and 3.10).
func parseFilters(cur *cursor, p *Packet) error {
	if p.ID = cur.uint16(); p.ID == 0 && cur.err == nil {
		return malformed("packet id is 0")
	}
	for cur.err == nil && len(cur.rest) > 0 {
		s := Subscription{Filter: cur.text()}
		if p.Type == SUBSCRIBE {
			s.QoS = cur.byte()
		}
		if err := checkFilter(s.Filter); err != nil && cur.err == nil {
			return err
		}
		if s.QoS > 2 {
			return malformed(fmt.Sprintf("filter %q: QoS is %d", s.Filter, s.QoS))
		}
		p.Filters = append(p.Filters, s)
	}
	if len(p.Filters) == 0 && cur.err == nil {
		return malformed("no topic filter")
	}
	return cur.end()
}
