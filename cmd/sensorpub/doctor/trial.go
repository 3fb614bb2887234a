package doctor

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"sensorpub/publisher/mqtt"
)

// A trial publishes to the topics of the configuration at one broker as the
// daemon does, and sees whether a subscriber receives it. What is retained
// stays: a topic that has a retained message is sent that one again, any other
// gets the reading that the doctor has taken, which is deleted afterwards.
type trial struct {
	client   *mqtt.Client // of that broker alone
	step     time.Duration
	ack      time.Duration // how long the daemon waits for an acknowledgement
	subjects []*subject

	session *mqtt.Session // nil: none at present
	tap     *mqtt.Tap
	noted   int            // messages of tap
	status  []mqtt.Message // that came to the daemon's own topic
}

// errNothing says that a topic cannot be tried without inventing a reading.
var errNothing = errors.New("not tested, because there is no reading to publish")

// errUnreadable means that a broker has acknowledged a message but does not let this
// user receive it.
var errUnreadable = errors.New("acknowledged, but this user may not subscribe to it, so whether it is delivered is unknown")

// connect makes a session if there is none.
func (t *trial) connect(ctx context.Context) error {
	if t.session != nil {
		select {
		case <-t.session.Done():
			t.end()
		default:
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, t.step)
	defer cancel()
	s, err := t.client.Once(ctx, nil)
	if err != nil {
		return err
	}
	t.take(s)
	return nil
}

// take continues with a session, and reports whether there is one.
func (t *trial) take(s *mqtt.Session) bool {
	if s != nil {
		t.session, t.tap, t.noted = s, mqtt.NewTap(s), 0
	}
	return s != nil
}

// end ends the session, if there is one.
func (t *trial) end() {
	if t.session != nil {
		t.session.Disconnect()
		t.session = nil
	}
}

// survey subscribes to every topic and notes what arrives within d: what is
// retained, and what a daemon publishes meanwhile.
func (t *trial) survey(ctx context.Context, d time.Duration) error {
	for _, s := range t.subjects {
		if err := t.connect(ctx); err != nil {
			return err
		}
		step, cancel := context.WithTimeout(ctx, t.step)
		s.closed = t.tap.Subscribe(step, s.message.Topic)
		cancel()
		t.note() // some brokers close the connection when they refuse a subscription
	}
	return t.listen(ctx, d)
}

// listen notes what arrives within d.
func (t *trial) listen(ctx context.Context, d time.Duration) error {
	t.tap.Listen(ctx, d) // the next connect finds an error again
	t.note()
	return ctx.Err()
}

// note sorts what has arrived at the session.
func (t *trial) note() {
	all := t.tap.Messages()
	for _, m := range all[t.noted:] {
		i := slices.IndexFunc(t.subjects, func(s *subject) bool { return s.message.Topic == m.Topic })
		switch {
		case i < 0:
			continue
		case m.Retain:
			t.subjects[i].kept = m.Payload
		default:
			t.subjects[i].live = true
		}
		if t.subjects[i].own {
			t.status = append(t.status, m)
		}
	}
	t.noted = len(all)
}

// try publishes to one topic.
func (t *trial) try(ctx context.Context, s *subject) error {
	m := s.message
	if m.Payload == nil && s.kept == nil {
		return errNothing
	}
	if err := t.connect(ctx); err != nil {
		return err
	}
	if s.kept != nil {
		m.Payload = s.kept
	} else {
		m.Retain = false // until it is known that nothing is retained
	}
	if s.closed == nil {
		step, cancel := context.WithTimeout(ctx, t.step)
		s.closed = t.tap.Subscribe(step, m.Topic)
		cancel()
	}
	if s.closed != nil {
		m.Retain = false
		if err := t.session.SendWithin(ctx, m, t.ack); err != nil {
			return err
		}
		return errUnreadable
	}
	if err := mqtt.RoundTrip(ctx, t.tap, m, t.ack); err != nil || s.kept != nil || !s.message.Retain {
		return err
	}
	return t.tryRetained(ctx, s)
}

// tryRetained sees whether the broker retains a message where it had none, and
// deletes it again.
func (t *trial) tryRetained(ctx context.Context, s *subject) error {
	err := mqtt.RoundTrip(ctx, t.tap, s.message, t.ack)
	if err == nil {
		err = mqtt.Kept(ctx, t.tap, s.message)
	}
	for _, m := range slices.Backward(t.tap.Messages()) {
		if m.Topic == s.message.Topic {
			if !bytes.Equal(m.Payload, s.message.Payload) {
				return err // a daemon has started
			}
			break
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.step)
	defer cancel()
	if gone := t.connect(ctx); gone != nil {
		return errors.Join(err, gone)
	}
	return errors.Join(err, t.session.SendWithin(ctx, mqtt.Message{Topic: s.message.Topic, Payload: []byte{}, QoS: 1, Retain: true}, t.ack))
}
