package mqtt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrSwallowed says that the broker has acknowledged a message and not handed
// it to its subscriber. MQTT 3.1.1 gives a broker no way to say that its access
// list forbids a topic, so some acknowledge and drop (section 3.3.5).
var ErrSwallowed = errors.New("acknowledged, but not delivered")

// swallowedAfter is how long a message may take from its acknowledgement to
// its subscriber.
const swallowedAfter = 3 * time.Second

// RoundTrip publishes a message to a topic that t is subscribed to and waits
// until it comes back, for its acknowledgement no longer than ack. Its error is
// [ErrSwallowed], [ErrAckTimeout] or [ErrEnded], or says what else failed.
func RoundTrip(ctx context.Context, t *Tap, m Message, ack time.Duration) error {
	before := len(t.Messages())
	if err := t.session.SendWithin(ctx, m, ack); err != nil {
		return err
	}
	// What the broker had kept comes with the retain flag, and only that (MQTT
	// 3.1.1, section 3.3.1.3).
	return t.receive(ctx, before, m, false, ErrSwallowed)
}

// ErrNotKept says that a broker has delivered a retained message, but does not
// send it to later subscribers.
var ErrNotKept = errors.New("delivered, but not retained")

// Kept waits until the broker delivers m as a retained message. Its error is
// [ErrNotKept] or [ErrEnded].
func Kept(ctx context.Context, t *Tap, m Message) error {
	before := len(t.Messages())
	if err := t.Subscribe(ctx, m.Topic); err != nil {
		return err
	}
	return t.receive(ctx, before, m, true, ErrNotKept)
}

// receive waits for a message after the first n, and returns missing if it does
// not come.
func (t *Tap) receive(ctx context.Context, n int, m Message, retain bool, missing error) error {
	within, cancel := context.WithTimeout(ctx, swallowedAfter)
	defer cancel()
	err := t.Await(within, n, func(got Message) bool {
		return got.Topic == m.Topic && got.Retain == retain && bytes.Equal(got.Payload, m.Payload)
	})
	if err == nil || errors.Is(err, ErrEnded) {
		return err
	}
	return missing
}

// Listen subscribes to a topic and returns what arrives within d, the retained
// message first.
func Listen(ctx context.Context, s *Session, topic string, d time.Duration) ([]Message, error) {
	t := NewTap(s)
	if err := t.Subscribe(ctx, topic); err != nil {
		return nil, err
	}
	return t.Listen(ctx, d)
}

// Listen returns what has arrived after another d.
func (t *Tap) Listen(ctx context.Context, d time.Duration) ([]Message, error) {
	within, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	err := t.Await(within, 0, func(Message) bool { return false })
	if errors.Is(err, ErrEnded) {
		return t.Messages(), fmt.Errorf("receive: %w", err)
	}
	return t.Messages(), ctx.Err()
}
