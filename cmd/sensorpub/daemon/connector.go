package daemon

import (
	"context"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// A connector adapts the sessions of an MQTT client to the publisher.
type connector struct{ client *mqtt.Client }

// Connect implements [publisher.Connector].
func (c connector) Connect(ctx context.Context, will *publisher.Message) (publisher.Session, error) {
	s, err := c.client.Connect(ctx, (*mqtt.Message)(will))
	return session{s}, err
}

type session struct{ *mqtt.Session }

// Publish implements [publisher.Session].
func (s session) Publish(m publisher.Message) publisher.Token {
	return s.Session.Publish(mqtt.Message(m))
}

// Subscribe implements [publisher.Session].
func (s session) Subscribe(topics []string, handle func(publisher.Message)) publisher.Token {
	return s.Session.Subscribe(topics, func(m mqtt.Message) { handle(publisher.Message(m)) })
}
