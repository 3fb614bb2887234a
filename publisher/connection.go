package publisher

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"
)

// A connection is the state of the publisher on one session.
type connection struct {
	*Publisher
	window
	session  Session
	status   string    // topic of "online" and "offline" on this session
	online   bool      // the birth message was sent
	deadline time.Time // of the grace; zero until the queue is closed
	start    time.Time
	alive    bool   // something was acknowledged
	stalled  bool   // something was not acknowledged in time
	trying   string // the topic that is tried again, alone
}

// run sends until the session or the work ends. It reports whether the
// publisher is to stop.
func (c *connection) run(ctx context.Context) (stop bool) {
	timer := time.NewTimer(beatEvery)
	defer timer.Stop()
	closed := c.Queue.Closed()
	for ctx.Err() == nil {
		c.Beat()
		c.land()
		if c.overdue(c.AckTimeout) {
			c.stalled = true
			c.session.Drop(ErrAckTimeout)
		}
		if isClosed(c.session.Done()) {
			c.land()
			c.blame(c.culprits())
			if c.trying == "" { // or else that is the likely reason
				c.listener.ended(c.Log)
			}
			return !c.deadline.IsZero()
		}
		if c.deadline.IsZero() && c.Queue.open.Err() != nil {
			c.deadline = time.Now().Add(c.Grace)
			closed = nil
		}
		if c.deadline.IsZero() && (c.renewed() || isClosed(c.session.Leave())) {
			c.leave()
			return false
		}
		if c.sound() {
			c.listener.listen(c.session)
		}
		if c.deadline.IsZero() && c.listener.restore(c.Log) {
			c.online = false
		}
		c.listener.nameClash(c.Log)
		if c.listener.isBorn() {
			c.Topics.again(time.Second + rand.N(9*time.Second))
		}
		idle := c.fill()
		c.Queue.Commit()
		if !c.deadline.IsZero() && (idle || !time.Now().Before(c.deadline)) {
			c.goOffline()
			return true
		}
		timer.Reset(c.sleep())
		select { // what it is, is looked at above
		case <-ctx.Done():
		case <-c.session.Done():
		case <-c.session.Leave():
		case <-closed:
		case <-c.head():
		case <-c.Queue.Ready():
		case <-c.Topics.ready:
		case <-c.listener.news():
		case <-timer.C:
		}
		runtime.Gosched() // what is due at this moment, or has just come, is handled together
	}
	return true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// fill sends while the window has room, or until it has loaded part of the
// backlog, which may take long and bring nothing to send. It reports whether
// nothing is left to send or to be acknowledged.
func (c *connection) fill() (idle bool) {
	if len(c.flights) == 0 {
		c.retry()
	} else if c.retryDue() {
		return false
	}
	for len(c.flights) < c.Window && (c.trying == "" || len(c.flights) == 0) {
		if !c.online && !c.Queue.Opening() {
			// After the newest values and the sensors' own status, so that
			// no subscriber takes old ones for live.
			c.online = true
			if c.status != "" && !c.Queue.isHeld(c.status) {
				c.send(Message{c.status, []byte(Online), 1, true}, Delivery{})
				continue
			}
		}
		if c.online && c.announce() {
			continue
		}
		// The backlog never takes the last place, so that a live reading does
		// not wait for an acknowledgement. It follows each of its own at once,
		// also beside a live reading: Mosquitto may hold the next ones back until
		// the kernel has acknowledged this one, with the next packet or after 40 ms.
		room := c.backlog < max(c.Window-1, 1)
		d, ok := c.Queue.Next(room)
		if !ok && room && c.Queue.Load() {
			c.Queue.signal() // there may be more
			return false
		}
		if !ok && !c.online && !c.Queue.Opening() {
			continue // what was to go first is out of date
		}
		if !ok && room && c.cleanUp() {
			continue
		}
		if !ok {
			return len(c.flights) == 0
		}
		m, err := d.message(c.Queue.corrected)
		if d.series != nil {
			d.series.failures.note(c.Log, d.Reading, err)
		}
		if err != nil {
			c.Queue.Refuse(d, Encoding)
			continue
		}
		switch {
		case m.Retain && d.Route != nil && d.Route.Optional:
			c.Topics.sent(m.Topic)
		case d.status != nil:
			c.Topics.said(m.Topic)
		}
		c.send(m, d)
	}
	return false
}

func (c *connection) send(m Message, d Delivery) {
	about := Refusal{Topic: m.Topic, Size: len(m.Payload), QoS: m.QoS}
	c.push(flight{c.session.Publish(m), d, about, time.Now()})
}

// land removes completed messages from the head of the window. A token that ended
// with an error stays, and goes back to the queue with the connection.
func (c *connection) land() {
	for len(c.flights) > 0 {
		f := c.flights[0]
		select {
		case <-f.token.Done():
		default:
			return
		}
		if err := f.token.Error(); err != nil {
			c.session.Drop(err)
			return
		}
		c.advance()
		c.acknowledged(f)
	}
}

func (c *connection) acknowledged(f flight) {
	if f.message.QoS > 0 {
		c.Acks.Observe(c.progress.Sub(f.sent))
	}
	if f.delivery.position != 0 {
		c.Queue.Ack(f.delivery)
	} else if f.delivery.notice != nil {
		c.Queue.ackNotice(f.delivery)
	} else if f.delivery.control {
		c.Topics.acknowledged()
	}
	c.accept(f.message.Topic)
}

// sleep is how long the connection may wait for events.
func (c *connection) sleep() time.Duration {
	d := beatEvery
	if len(c.flights) > 0 {
		d = min(d, time.Until(c.headDeadline(c.AckTimeout)))
	}
	if !c.deadline.IsZero() {
		d = min(d, time.Until(c.deadline))
	}
	if left := time.Until(c.start.Add(soundAfter)); left > 0 {
		d = min(d, left)
	}
	for _, at := range []time.Time{c.Topics.next(), c.listener.restoreAt()} {
		if left := time.Until(at); left > 0 {
			d = min(d, left)
		}
	}
	return max(d, 0)
}

// goOffline publishes "offline", waits briefly for its acknowledgement, because the
// broker discards the will at a clean disconnect, and disconnects.
func (c *connection) goOffline() {
	if c.status != "" {
		token := c.session.Publish(Message{c.status, []byte(Offline), 1, true})
		select {
		case <-token.Done():
		case <-c.session.Done():
		case <-time.After(farewell):
		}
	}
	c.session.Disconnect()
}

// leave ends the session so that another one can be made.
func (c *connection) leave() {
	for _, d := range c.Queue.lastNotices() {
		c.send(*d.notice, d)
	}
	c.goOffline()
	c.land()
}
