package mqtttest

import (
	"bytes"
	"fmt"
)

// session is what the broker remembers of a client: for one connection with
// clean session, across connections without. It is guarded by Broker.mu.
type session struct {
	filters  map[string]byte      // topic filter to granted QoS
	incoming map[uint16]*incoming // the client's packet identifiers in use
	last     map[uint16]Message   // the last message of each identifier, for DUP
	outgoing map[uint16]Type      // the broker's own identifiers: the packet due
	previous uint16               // the last of them
}

// incoming is a message with QoS 1 or 2 whose exchange is not complete.
type incoming struct {
	message  Message
	received bool // PUBREC was sent
	released bool // PUBREL came
}

func newSession() *session {
	return &session{
		filters:  make(map[string]byte),
		incoming: make(map[uint16]*incoming),
		last:     make(map[uint16]Message),
		outgoing: make(map[uint16]Type),
	}
}

// publish records a message. It reports whether the message is new (with QoS 1 a
// repetition counts as new), and what is wrong with it.
func (s *session) publish(m Message) (fresh bool, wrong string) {
	if m.QoS == 0 {
		return true, ""
	}
	in, used := s.incoming[m.ID]
	last, known := s.last[m.ID]
	same := known && last.Topic == m.Topic && last.QoS == m.QoS && last.Retain == m.Retain &&
		bytes.Equal(last.Payload, m.Payload)
	switch {
	case m.Dup && !known:
		wrong = fmt.Sprintf("DUP is set on the first sending of packet id %d", m.ID)
	case m.Dup && !same:
		wrong = fmt.Sprintf("DUP is set, but packet id %d was another message", m.ID)
	case !m.Dup && used:
		wrong = fmt.Sprintf("packet id %d is in use", m.ID)
	}
	s.last[m.ID] = m
	if used && m.Dup && m.QoS == 2 {
		return false, wrong
	}
	s.incoming[m.ID] = &incoming{message: m, received: used && in.received}
	return true, wrong
}

// sent records an acknowledgement from the broker. It returns the message if that
// completes its exchange.
func (s *session) sent(t Type, id uint16) (Message, bool) {
	in := s.incoming[id]
	if in == nil {
		return Message{}, false
	}
	switch {
	case t == PUBREC:
		in.received = true
	case t == PUBACK && in.message.QoS == 1,
		t == PUBCOMP && in.message.QoS == 2 && in.released:
		delete(s.incoming, id)
		return in.message, true
	}
	return Message{}, false
}

// release records a PUBREL and returns what is wrong with it. One that answers a
// PUBREC sent by mistake is not the client's fault.
func (s *session) release(id uint16) (wrong string) {
	in := s.incoming[id]
	switch {
	case in != nil && in.received:
		in.released = true
	case in != nil:
		return fmt.Sprintf("packet id %d has had no PUBREC", id)
	case s.last[id].QoS != 2:
		return fmt.Sprintf("packet id %d was never used with QoS 2", id)
	}
	return ""
}

// answered records the client's answer to a message from the broker. It returns
// what to send next, if anything, and what is wrong with it.
func (s *session) answered(t Type, id uint16) (answer []byte, wrong string) {
	due, sent := s.outgoing[id]
	if !sent {
		return nil, fmt.Sprintf("packet id %d was not sent by the broker", id)
	}
	if due != t {
		return nil, fmt.Sprintf("packet id %d: want %v", id, due)
	}
	if t == PUBREC {
		s.outgoing[id] = PUBCOMP
		return ack(PUBREL, id), ""
	}
	delete(s.outgoing, id)
	return nil, ""
}

// outbound encodes a message to the client, under a packet identifier of its own.
func (s *session) outbound(m Message) []byte {
	if m.QoS > 0 {
		m.ID = s.unused()
		s.outgoing[m.ID] = PUBACK
		if m.QoS == 2 {
			s.outgoing[m.ID] = PUBREC
		}
	}
	return publish(m)
}

// unused returns a packet identifier that neither side has in use.
func (s *session) unused() uint16 {
	for range 1 << 16 {
		s.previous++
		_, out := s.outgoing[s.previous]
		_, in := s.incoming[s.previous]
		if s.previous != 0 && !out && !in {
			break
		}
	}
	return s.previous
}

// clash says what is wrong with a SUBSCRIBE's or UNSUBSCRIBE's packet identifier.
func (s *session) clash(id uint16) (wrong string) {
	if s.incoming[id] != nil {
		return fmt.Sprintf("packet id %d is in use", id)
	}
	return ""
}

// granted returns the QoS at which the client gets messages of the topic: the
// highest of its matching subscriptions.
func (s *session) granted(topic string) (qos byte, ok bool) {
	for filter, q := range s.filters {
		if matches(filter, topic) {
			qos, ok = max(qos, q), true
		}
	}
	return qos, ok
}
