package mqtt

import (
	"context"
	"fmt"
)

// Clear deletes the retained messages of topics by publishing an empty
// retained payload to each (MQTT 3.1.1, section 3.3.1.3), and reports each
// that the broker has acknowledged. A broker that acknowledges what its access
// list forbids looks the same as one that deletes.
func Clear(ctx context.Context, s *Session, topics []string, cleared func(topic string)) error {
	for _, topic := range topics {
		if err := s.Send(ctx, Message{Topic: topic, Payload: []byte{}, QoS: 1, Retain: true}); err != nil {
			return fmt.Errorf("clear %s: %w", topic, err)
		}
		cleared(topic)
	}
	return nil
}
