package mqtttest

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Fault looks at a packet that has just been taken over and returns what to do
// instead of answering it, or nil to leave it alone. It is called from each
// connection's own goroutine, so it must be safe for concurrent use. Packets of
// type ACCEPT reach it before anything was read.
//
// Write one of your own when the prepared ones do not fit:
//
//	b.Inject(func(c *mqtttest.Conn, p mqtttest.Packet) mqtttest.Action {
//		if p.Message != nil && p.Message.Topic == "temperature/outside" {
//			return mqtttest.Drop
//		}
//		return nil
//	})
type Fault func(c *Conn, p Packet) Action

// Inject replaces the faults; the first that returns an action wins. Inject()
// without any removes them all.
func (b *Broker) Inject(faults ...Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = faults
}

// respond answers a packet, or lets a fault do so.
func (b *Broker) respond(c *Conn, p Packet, answer []byte) {
	b.mu.Lock()
	faults := b.faults
	b.mu.Unlock()
	for _, fault := range faults {
		if action := fault(c, p); action != nil {
			action(c, answer)
			return
		}
	}
	c.Send(answer)
}

// Freeze stops the broker as SIGSTOP does: the kernel still accepts connections
// and bytes, but nothing is read, recorded or written until Thaw.
func (b *Broker) Freeze() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.frozen == nil {
		b.frozen = make(chan struct{})
	}
}

// Thaw ends Freeze, as SIGCONT does.
func (b *Broker) Thaw() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.frozen != nil {
		close(b.frozen)
		b.frozen = nil
	}
}

// thawed waits while the broker is frozen; it reports false if the connection
// ended meanwhile.
func (b *Broker) thawed(c *Conn) bool {
	for {
		b.mu.Lock()
		frozen := b.frozen
		b.mu.Unlock()
		if frozen == nil {
			return true
		}
		select {
		case <-frozen:
		case <-c.done:
			return false
		}
	}
}

// On performs the action for every packet of that type.
func On(t Type, action Action) Fault {
	return func(_ *Conn, p Packet) Action {
		if p.Type == t {
			return action
		}
		return nil
	}
}

// counted passes on those actions of fault whose number, from 1 and over all
// connections, is wanted.
func counted(fault Fault, wanted func(n int64) bool) Fault {
	var n atomic.Int64
	return func(c *Conn, p Packet) Action {
		if action := fault(c, p); action != nil && wanted(n.Add(1)) {
			return action
		}
		return nil
	}
}

// Every lets the fault happen at every n-th packet that it would pick, counted
// over all connections.
func Every(n int, fault Fault) Fault {
	return counted(fault, func(i int64) bool { return i%int64(n) == 0 })
}

// First lets the fault happen at the first n packets that it would pick,
// counted over all connections.
func First(n int, fault Fault) Fault {
	return counted(fault, func(i int64) bool { return i <= int64(n) })
}

// After lets the fault happen only after n packets that it would pick, counted
// over all connections.
func After(n int, fault Fault) Fault {
	return counted(fault, func(i int64) bool { return i > int64(n) })
}

// Chance lets the fault happen with probability p, from 0 to 1; the same seed
// gives the same choices in the same order of packets.
func Chance(seed uint64, p float64, fault Fault) Fault {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	return counted(fault, func(int64) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < p
	})
}
