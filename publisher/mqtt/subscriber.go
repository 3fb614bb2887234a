package mqtt

import (
	"context"
	"errors"
	"fmt"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// ErrRefused says that the broker has refused a subscription.
var ErrRefused = errors.New("refused by the broker")

// subscribe asks for the messages of topic filters at QoS 1, all at once, and
// waits for the SUBACK. The handler must not block.
func (s *Session) subscribe(ctx context.Context, handle func(Message), filters ...string) error {
	token := s.ask(1, filters, handle)
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-s.Done():
		err = s.conn.err()
	case <-token.Done():
		err = token.Error()
	}
	if err != nil {
		return fmt.Errorf("subscribe %s: %w", filters[0], err)
	}
	for _, f := range filters {
		// 0x80 is a refusal, and 3 and up are reserved (MQTT 3.1.1, section 3.9.3).
		if token.Result()[f] > 2 {
			return fmt.Errorf("subscribe %s: %w", f, ErrRefused)
		}
	}
	return nil
}

// Subscribe asks for the messages to topics, at QoS 0. The token is done when the
// broker has answered. handle must not block.
func (s *Session) Subscribe(topics []string, handle func(Message)) Token {
	return s.ask(0, topics, handle)
}

// ask sends one SUBSCRIBE for all filters.
func (s *Session) ask(qos byte, filters []string, handle func(Message)) *paho.SubscribeToken {
	wanted := make(map[string]byte, len(filters))
	for _, f := range filters {
		wanted[f] = qos
	}
	return s.client.SubscribeMultiple(wanted, func(_ paho.Client, m paho.Message) {
		handle(Message{m.Topic(), m.Payload(), m.Qos(), m.Retained()})
	}).(*paho.SubscribeToken)
}

// A Subscriber receives what is published under its filters, and subscribes
// again after every loss of the connection.
type Subscriber struct {
	Client  *Client
	Filters []string
	Handle  func(Message) // must not block
}

// Run receives until ctx ends and returns nil, or until the broker refuses a
// subscription or the library a filter.
func (s *Subscriber) Run(ctx context.Context) error {
	for {
		c, err := s.Client.Connect(ctx, nil)
		if err != nil {
			return nil // asked to end
		}
		if err := s.receive(ctx, c); err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// receive subscribes and waits for the end of the session.
func (s *Subscriber) receive(ctx context.Context, c *Session) error {
	if err := c.subscribe(ctx, s.Handle, s.Filters...); hopeless(err) {
		c.Disconnect()
		return err
	} else if err != nil {
		c.Drop(err)
		return nil
	}
	select {
	case <-ctx.Done():
		c.Disconnect()
	case <-c.Leave():
		c.Disconnect()
	case <-c.Done():
		c.Drop(errOver)
	}
	return nil
}

// hopeless reports whether the error of a subscription would be the same on the
// next connection.
func hopeless(err error) bool {
	return errors.Is(err, ErrRefused) ||
		errors.Is(err, paho.ErrInvalidTopicEmptyString) || errors.Is(err, paho.ErrInvalidTopicMultilevel)
}
