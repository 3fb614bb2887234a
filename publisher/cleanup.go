package publisher

import (
	"bytes"
	"time"
)

// announce sends the next announcement, if one is due. A stop leaves announcements
// and the clean-up to the next start.
func (c *connection) announce() bool {
	if !c.deadline.IsZero() {
		return false
	}
	m, ok := c.Topics.nextAnnouncement(time.Now(), c.Queue)
	if ok {
		c.send(m, Delivery{control: true})
	}
	return ok
}

// cleanUp sends the next message of the clean-up, if there is one.
func (c *connection) cleanUp() bool {
	if !c.deadline.IsZero() || !c.Topics.pending() {
		return false
	}
	used := c.Queue.retained()
	used[c.status] = true
	m, ok := c.Topics.nextCleanup(used, c.Queue)
	if ok {
		c.send(m, Delivery{control: true, backlog: true})
	}
	return ok
}

// A holder knows which topics are held back, because the broker may refuse messages
// to them.
type holder interface{ isHeld(topic string) bool }

// nextAnnouncement returns the announcement that is to be sent, or deleted,
// unless a message is on its way.
func (t *Topics) nextAnnouncement(now time.Time, held holder) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.flying != nil {
		return Message{}, false
	}
	for _, e := range t.announcements {
		if !e.due.IsZero() && !now.Before(e.from()) && !held.isHeld(e.name) {
			e.due, e.sent = time.Time{}, now
			return t.fly(e, e.payload), true
		}
	}
	return Message{}, false
}

// announcementGap is the least time between two announcements to a topic: Home
// Assistant drops part of one that arrives while it is processing another.
const announcementGap = time.Second

// from is when an announcement that is due may be sent.
func (e *retainedTopic) from() time.Time {
	if next := e.sent.Add(announcementGap); next.After(e.due) {
		return next
	}
	return e.due
}

// pending reports whether a clean-up may have something to do: a topic to delete or
// lines to save.
func (t *Topics) pending() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.changed || len(t.removed) > 0 && !t.keep
}

// nextCleanup returns the next message that deletes what was removed, when there is
// nothing else to send. used are the topics to which the queue may still send
// something that is retained.
func (t *Topics) nextCleanup(used map[string]bool, held holder) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.flying != nil {
		return Message{}, false
	}
	if e, payload := t.step(used, held); e != nil {
		return t.fly(e, payload), true
	}
	if t.changed {
		wake(t.dirty)
	}
	return Message{}, false
}

// step returns the next step of the clean-up, or nil. Topics that the broker refuses
// are skipped; topics that are still in use hold up all later steps.
func (t *Topics) step(used map[string]bool, held holder) (*retainedTopic, []byte) {
	if t.keep {
		return nil, nil
	}
	for _, e := range t.announcements {
		if !e.due.IsZero() && !held.isHeld(e.name) {
			return nil, nil // these first
		}
	}
	for _, s := range []struct {
		payload string
		belongs func(e *retainedTopic) bool
	}{
		{Offline, func(e *retainedTopic) bool { return e.kind == kindStatus && !e.said }},
		{"", func(e *retainedTopic) bool { return e.kind == kindState }},
		{"", func(e *retainedTopic) bool { return e.kind == kindStatus }},
	} {
		waits := false
		for _, e := range t.removed {
			switch {
			case !s.belongs(e) || held.isHeld(e.name):
			case used[e.name]:
				waits = true
			default:
				return e, []byte(s.payload)
			}
		}
		if waits {
			return nil, nil
		}
	}
	return nil, nil
}

// fly returns a message that must be acknowledged before the next is sent.
func (t *Topics) fly(e *retainedTopic, payload []byte) Message {
	t.flying, t.payload = e, payload
	return Message{e.name, payload, 1, true}
}

// acknowledged records that the broker has the message in flight.
func (t *Topics) acknowledged() {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.flying
	t.flying = nil
	switch {
	case e.wanted && e.kind == kindAnnouncement && bytes.Equal(t.payload, e.payload):
		t.changed = t.changed || len(e.parts) != len(e.content)
		e.parts = e.content
	case e.wanted: // it came back meanwhile, or has changed
	case len(t.payload) > 0:
		e.said = true
	default:
		t.remove(e)
		t.deleted = append(t.deleted, e.name)
		t.changed = true
	}
}

// lost notes that the connection has ended.
func (t *Topics) lost() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.flying; e != nil && e.kind == kindAnnouncement {
		e.due = time.Now()
	}
	t.flying = nil
}

// next returns when the next announcement may be sent; zero if none is due.
func (t *Topics) next() (at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.announcements {
		if e.due.IsZero() {
			continue
		}
		if from := e.from(); at.IsZero() || from.Before(at) {
			at = from
		}
	}
	return at
}
