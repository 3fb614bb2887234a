package main

import (
	"sync"
	"time"
)

// A member is what the run knows of one node, whether a process or not.
type member struct {
	name string

	mu        sync.Mutex
	connected bool
	ever      bool // connected
	outages   []outage
	final     account
}

// lose notes the loss of the connection. A loss before the first PUBACK of a
// connection goes on with the same outage.
func (m *member) lose(at time.Time, broker string, tellsPuback bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connected = false
	if last := m.last(); last != nil && tellsPuback && last.acked.IsZero() {
		return
	}
	m.outages = append(m.outages, outage{lost: at, broker: broker})
}

// connect notes that a connection was made. Only the first one ends an outage: a
// process connects also when it was killed.
func (m *member) connect(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connected, m.ever = true, true
	if last := m.last(); last != nil && last.connected.IsZero() {
		last.connected = at
	}
}

// ack notes the first PUBACK of the present connection.
func (m *member) ack(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := m.last(); last != nil && last.acked.IsZero() && !at.Before(last.connected) {
		last.acked = at
	}
}

// last returns the present outage or the last one; m.mu must be held.
func (m *member) last() *outage {
	if len(m.outages) == 0 {
		return nil
	}
	return &m.outages[len(m.outages)-1]
}

// down notes that the process has gone or has left its broker for a better one,
// which is not an outage of the broker.
func (m *member) down() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.connected = false
}

func (m *member) finish(a account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.final = a
}

func (m *member) isConnected() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connected
}

func (m *member) allOutages() []outage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outages[:len(m.outages):len(m.outages)]
}

func (m *member) account() account {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.final
}
