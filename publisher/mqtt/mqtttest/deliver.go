package mqtttest

import "time"

// Publish makes the broker deliver a message as if another client had sent it.
// The message is not recorded.
func (b *Broker) Publish(m Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.distribute(m)
	b.journal.wake()
}

// distribute passes a message to the retained store and to the subscribers. b.mu
// is held, so they all see the same order.
func (b *Broker) distribute(m Message) {
	if b.Denied != nil && b.Denied(m.Topic) {
		return
	}
	b.retained.keep(m)
	m.Retain, m.Dup = false, false
	for c := range b.conns {
		if !c.accepted {
			continue
		}
		if qos, ok := c.session.granted(m.Topic); ok {
			out := m
			out.QoS = min(m.QoS, qos)
			c.deliver(out)
		}
	}
}

// subscribe adds the subscriptions and holds back what the client gets by them,
// first the retained messages, until the SUBACK is sent. b.mu is held.
func (b *Broker) subscribe(c *Conn, filters []Subscription) {
	c.holding = true
	for _, s := range filters {
		c.session.filters[s.Filter] = s.QoS
		for _, m := range b.retained.matching(s.Filter) {
			m.QoS, m.Dup = min(m.QoS, s.QoS), false
			c.held = append(c.held, c.session.outbound(m))
		}
	}
}

// deliver sends a message to a subscriber. b.mu is held.
func (c *Conn) deliver(m Message) {
	raw := c.session.outbound(m)
	if c.holding {
		c.held = append(c.held, raw)
		return
	}
	c.enqueue(raw)
}

// release sends what was held back.
func (c *Conn) release() {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	for _, raw := range c.held {
		c.enqueue(raw)
	}
	c.held, c.holding = nil, false
}

// adopt makes c the client's connection once its CONNACK says so. It returns an
// older connection of the same client, which must end. b.mu is held.
func (b *Broker) adopt(c *Conn) (old *Conn) {
	if c.accepted {
		return nil
	}
	c.accepted = true
	b.journal.wake()
	id := c.connect.ClientID
	if id == "" {
		return nil
	}
	for other := range b.conns {
		if other != c && other.accepted && other.connect.ClientID == id {
			old = other
		}
	}
	if c.connect.CleanSession {
		delete(b.sessions, id)
		return old
	}
	c.session.outgoing = make(map[uint16]Type)
	b.sessions[id] = c.session
	return old
}

// leave removes a connection and publishes its will if it is due. b.mu is held.
func (b *Broker) leave(c *Conn, end End) {
	delete(b.conns, c)
	b.journal.ends = append(b.journal.ends, end)
	due := c.accepted && !c.clean && end.Reason != Killed && end.Reason != Stopped
	if due && c.connect.Will != nil {
		m := *c.connect.Will
		m.Seq, m.Conn, m.At = len(b.journal.wills), c.number, time.Now()
		b.journal.wills = append(b.journal.wills, m)
		b.distribute(m)
	}
	b.journal.wake()
}
