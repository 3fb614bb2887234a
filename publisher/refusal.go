package publisher

import "time"

// culprits returns the messages at which a connection may have ended: all that
// were not acknowledged. Which of them it was shows when each is tried alone: a
// broker that closes the connection may take with it what it has acknowledged.
func (c *connection) culprits() (at []Refusal) {
	for _, f := range c.flights {
		select {
		case <-f.token.Done():
			if f.token.Error() == nil {
				continue // out of order, which counts for nothing (MQTT 3.1.1, section 4.6)
			}
		default:
		}
		f.message.Timeout = c.stalled
		at = append(at, f.message)
	}
	return at
}

// blame records the messages at which the connection has ended, and logs the topics
// that are held back because of that.
func (c *connection) blame(at []Refusal) {
	c.Queue.mu.Lock()
	proved := c.Queue.connectionEnded(at, c.sound(), time.Now())
	c.Queue.mu.Unlock()
	for _, r := range proved {
		c.Log.Warn("the broker refuses messages to a topic: the topic is held back so that the others are sent",
			"topic", r.Topic, "bytes", r.Size, "qos", r.QoS, "broker", r.reaction(), "hint", r.hint())
	}
}

// sound reports whether the connection has lasted, with something acknowledged.
func (c *connection) sound() bool { return c.alive && c.lasted() }

// accept notes that a message to a topic was acknowledged.
func (c *connection) accept(topic string) {
	c.alive = true
	c.Queue.mu.Lock()
	was, released := c.Queue.accepted(topic)
	c.Queue.mu.Unlock()
	if released {
		c.Log.Info("the broker accepts messages to a topic again", "topic", topic, "after", time.Since(was.Since).Round(time.Second))
	}
}

// retry sends to a topic that was held back once more, if that is due. Until it is
// acknowledged nothing else is sent.
func (c *connection) retry() {
	if !c.lasted() {
		return
	}
	c.trying = c.Queue.tryRefused(c.trying, time.Now())
	if c.trying != "" && c.trying == c.status {
		c.online = false
	}
}

// retryDue reports whether a topic is to be tried, for which the window has to
// empty first.
func (c *connection) retryDue() bool { return c.lasted() && c.Queue.retryDue(time.Now()) }

// lasted reports whether the connection has lasted.
func (c *connection) lasted() bool { return time.Since(c.start) >= soundAfter }

// reaction says how the broker reacts to such a message.
func (r Refusal) reaction() string {
	if r.Timeout {
		return "never acknowledges them"
	}
	return "closes the connection"
}

// hint names the likely causes.
func (r Refusal) hint() string {
	if r.QoS == 2 {
		return "it may not support QoS 2; or they are larger than it allows, or this user may not publish there"
	}
	return "they may be larger than it allows, or this user may not publish there"
}
