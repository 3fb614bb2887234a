package mqtt

import (
	"bytes"
	"context"
	"crypto/rand"
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

// RoundTrip publishes a message to a topic at QoS 1, not retained, and waits
// until it comes back by a subscription of this session. Its error is
// [ErrSwallowed] or [ErrAckTimeout], or says what else failed.
func RoundTrip(ctx context.Context, s *Session, topic string) error {
	payload := []byte(rand.Text())
	back := make(chan struct{}, 1)
	err := s.subscribe(ctx, func(m Message) {
		if bytes.Equal(m.Payload, payload) {
			select {
			case back <- struct{}{}:
			default:
			}
		}
	}, topic)
	if err != nil {
		return err
	}
	token := s.Publish(Message{Topic: topic, Payload: payload, QoS: 1})
	select {
	case <-ctx.Done():
		err = ErrAckTimeout
	case <-token.Done():
		err = token.Error()
	}
	if err != nil {
		return fmt.Errorf("publish %s: %w", topic, err)
	}
	ctx, cancel := context.WithTimeout(ctx, swallowedAfter)
	defer cancel()
	select {
	case <-back:
		return nil
	case <-s.Done():
		return fmt.Errorf("receive %s: %w", topic, s.conn.err())
	case <-ctx.Done():
		return fmt.Errorf("publish %s: %w", topic, ErrSwallowed)
	}
}

// Listen subscribes to a topic and returns what arrives within d, the retained
// message first.
func Listen(ctx context.Context, s *Session, topic string, d time.Duration) ([]Message, error) {
	arrived := make(chan Message, 64)
	err := s.subscribe(ctx, func(m Message) {
		select {
		case arrived <- m:
		default: // more than enough
		}
	}, topic)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	var all []Message
	for {
		select {
		case m := <-arrived:
			all = append(all, m)
		case <-timer.C:
			return all, nil
		case <-s.Done():
			return all, fmt.Errorf("receive %s: %w", topic, s.conn.err())
		case <-ctx.Done():
			return all, ctx.Err()
		}
	}
}
