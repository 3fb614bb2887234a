package mqtttest

import (
	"fmt"
	"sort"
	"time"
)

// maxReported bounds how many violations go to the test's log; all are counted.
const maxReported = 20

// journal holds what has happened, guarded by Broker.mu. Its slices are only
// ever appended to, so that parts of them can be handed out without a copy.
type journal struct {
	packets      []Packet
	messages     []Message
	connects     []Connect
	acknowledged []Message
	wills        []Message
	ends         []End
	violations   []string
	changed      chan struct{} // closed at the next change; nil if nothing waits
}

// wake wakes those that wait for a change.
func (j *journal) wake() {
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// add records a packet, numbers its message, and wakes those who wait.
func (j *journal) add(p Packet) {
	j.packets = append(j.packets, p)
	if p.Connect != nil {
		j.connects = append(j.connects, *p.Connect)
	}
	if p.Message != nil {
		p.Message.Seq = len(j.messages)
		j.messages = append(j.messages, *p.Message)
	}
	j.wake()
}

// violate records what a client did wrong and reports it. b.mu is held.
func (b *Broker) violate(conn int, text string) {
	text = fmt.Sprintf("connection %d: %s", conn, text)
	b.journal.violations = append(b.journal.violations, text)
	b.journal.wake()
	switch n := len(b.journal.violations); {
	case n <= maxReported:
		b.tb.Errorf("MQTT violation: %s", text)
	case n == maxReported+1:
		b.tb.Errorf("MQTT violation: more than %d; the rest is in Violations()", maxReported)
	}
}

// look hands out a part of the journal.
func look[T any](b *Broker, list *[]T) []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	return (*list)[:len(*list):len(*list)]
}

// Packets returns every packet received so far, oldest first, with an ACCEPT at
// the start of each connection.
func (b *Broker) Packets() []Packet { return look(b, &b.journal.packets) }

// Messages returns every PUBLISH received so far, oldest first, repetitions
// included.
func (b *Broker) Messages() []Message { return look(b, &b.journal.messages) }

// Connects returns every CONNECT received so far, oldest first.
func (b *Broker) Connects() []Connect { return look(b, &b.journal.connects) }

// Acknowledged returns the messages for which the broker has sent the PUBACK
// (QoS 1) or the PUBCOMP (QoS 2), in that order. A message joins it just before
// the packet is written: a client that counts any other message is wrong.
func (b *Broker) Acknowledged() []Message { return look(b, &b.journal.acknowledged) }

// Wills returns the wills published so far, oldest first.
func (b *Broker) Wills() []Message { return look(b, &b.journal.wills) }

// Ends returns the ends of connections so far, oldest first.
func (b *Broker) Ends() []End { return look(b, &b.journal.ends) }

// Violations returns what the clients did wrong, such as
// "connection 1: PUBLISH: packet id 7 is in use".
func (b *Broker) Violations() []string { return look(b, &b.journal.violations) }

// Retained returns the retained payload of a topic, and whether there is one.
func (b *Broker) Retained(topic string) ([]byte, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.retained[topic]
	return m.Payload, ok
}

// RetainedTopics returns the topics that have a retained message, sorted.
func (b *Broker) RetainedTopics() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var topics []string
	for topic := range b.retained {
		topics = append(topics, topic)
	}
	sort.Strings(topics)
	return topics
}

// ForgetRetained empties the store of retained messages, as a broker without
// persistence does at its restart.
func (b *Broker) ForgetRetained() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.retained = nil
	b.journal.wake()
}

// Wait returns true as soon as cond does, or false after timeout. It calls cond
// at once and again after every packet, acknowledgement, end of a connection
// and violation; cond may use the broker's methods.
func (b *Broker) Wait(timeout time.Duration, cond func() bool) bool {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		b.mu.Lock()
		if b.journal.changed == nil {
			b.journal.changed = make(chan struct{})
		}
		changed := b.journal.changed
		b.mu.Unlock()
		if cond() {
			return true
		}
		select {
		case <-changed:
		case <-timer.C:
			return cond()
		}
	}
}

// Await waits as Wait does, and ends the test if cond stays false, saying what was
// awaited and what came instead. Call it from the test's goroutine.
func (b *Broker) Await(what string, timeout time.Duration, cond func() bool) {
	b.tb.Helper()
	if b.Wait(timeout, cond) {
		return
	}
	b.mu.Lock()
	j := &b.journal
	text := fmt.Sprintf("%d connections, %d CONNECT, %d messages, %d acknowledged, %d violations",
		b.accepted, len(j.connects), len(j.messages), len(j.acknowledged), len(j.violations))
	if n := len(j.ends); n > 0 {
		text += fmt.Sprintf("; connection %d: %s", j.ends[n-1].Conn, j.ends[n-1].Reason)
	}
	b.mu.Unlock()
	b.tb.Fatalf("waited %v for %s; so far: %s", timeout, what, text)
}
