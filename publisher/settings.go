package publisher

import (
	"context"
	"time"
)

// Settings are those of a [Publisher] that can be changed while it runs.
type Settings struct {
	Connector    Connector // another one than before: there will be a new session
	Window       int
	AckTimeout   time.Duration
	Grace        time.Duration
	Availability string // another one than before: there will be a new session, with another will
}

// Change replaces the settings and returns at once. A new Connector or another
// availability topic ends the present session, or the attempt to get one, and makes another; all that is
// not acknowledged by then is sent on that.
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
	return to.Connector != p.Connector || to.Availability != p.Availability
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
	if n := p.next; n != nil {
		p.Connector, p.Window, p.AckTimeout = n.Connector, n.Window, n.AckTimeout
		p.Grace, p.Availability, p.next = n.Grace, n.Availability, nil
	}
}
