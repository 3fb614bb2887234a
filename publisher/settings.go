package publisher

import (
	"context"
	"time"
)

// Settings are those of a [Publisher] that can be changed while it runs.
type Settings struct {
	Connector    Connector
	Window       int           // unacknowledged messages at a time
	AckTimeout   time.Duration // no acknowledgement for so long: reconnect
	Grace        time.Duration // for sending the rest when the queue is closed
	Availability string        // topic of the retained "online" and "offline"; "": none

	// Birth is where a receiver of announcements says "online" when it starts.
	// All of them are then sent again after 1 to 10 s, chosen at random. "": none.
	Birth string

	// Reports is the topic of the node's diagnostics, "" for none. They are JSON
	// objects with Machine, unless that is "", as their "machine". A report with
	// another value comes from a second machine with the same node.
	Reports, Machine string
}

// Change replaces the settings and returns at once. Another Connector,
// availability, birth or report topic, or machine, ends the present session, or the attempt to get
// one, and makes another; all that is not acknowledged by then is sent on that.
func (p *Publisher) Change(to Settings) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = &to
	if p.ends(&to) && p.cancel != nil {
		p.cancel()
	}
	p.Queue.signal() // wakes the connection
}

// connect takes the settings over and makes a session by them, unless they
// are changed again meanwhile.
func (p *Publisher) connect(ctx context.Context) (Session, error) {
	p.mu.Lock()
	p.takeOver()
	ctx, p.cancel = context.WithCancel(ctx)
	cancel := p.cancel
	p.mu.Unlock()
	defer cancel()
	var will *Message
	if p.Availability != "" {
		will = &Message{p.Availability, []byte(Offline), 1, true}
	}
	return p.Connector.Connect(ctx, will)
}

// ends reports whether settings need another session than the present ones.
func (p *Publisher) ends(to *Settings) bool {
	return to.Connector != p.Connector || to.Availability != p.Availability || to.Birth != p.Birth || to.Reports != p.Reports || to.Machine != p.Machine
}

// renewed takes the settings over and reports false, or leaves them and
// reports true because the session has to end first.
func (p *Publisher) renewed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil && p.ends(p.next) {
		return true
	}
	p.takeOver()
	return false
}

func (p *Publisher) takeOver() {
	if p.next != nil {
		p.Settings, p.next = *p.next, nil
	}
}
