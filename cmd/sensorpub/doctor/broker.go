package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// A broker examines one broker by logging in to it.
type broker struct {
	*report
	config *config.Config
	trial  *trial
	holder int           // of the client id, as Doctor.Holder
	listen time.Duration // how long to listen to the availability topic
}

// check logs in, and checks that messages get through and that no other daemon
// uses the node name.
func (b *broker) check(ctx context.Context) {
	defer b.trial.end()
	if !b.trial.take(b.logIn(ctx)) {
		return
	}
	m := b.trial.client
	as := "without a user name"
	if m.Username != "" {
		as = fmt.Sprintf("as user %q", m.Username)
	}
	b.say(statusOK, "login", mqtt.Display(m.URLs[0])+" accepts "+m.ClientID+" "+as)
	readable := b.checkPublish(ctx)
	b.checkRetain(ctx)
	if ctx.Err() != nil {
		return
	}
	if err := b.trial.survey(ctx, b.listen); ctx.Err() != nil {
		return
	} else if err != nil {
		b.say(statusFail, "topics", err.Error(), mqtt.Hint(err))
		return
	}
	b.checkAlone(readable)
	b.checkMachine(ctx)
	b.checkTopics(ctx)
}

// logIn connects, or says why it cannot and returns nil.
func (b *broker) logIn(ctx context.Context) *mqtt.Session {
	once := func(will *mqtt.Message) (*mqtt.Session, error) {
		ctx, cancel := context.WithTimeout(ctx, b.trial.step)
		defer cancel()
		return b.trial.client.Once(ctx, will)
	}
	will := willOf(b.config)
	s, err := once(will)
	var refused *mqtt.RefusedError
	if errors.As(err, &refused) && will != nil && !refused.Known() && ctx.Err() == nil {
		will.Payload = []byte(publisher.Offline) // some brokers refuse an empty one, which the daemon never has
		s, err = once(will)
	}
	if err != nil && will != nil && ctx.Err() == nil && !errors.As(err, &refused) {
		var without error
		if s, without = once(nil); without == nil {
			s.Disconnect()
			b.say(statusFail, "login", err.Error(),
				`the broker accepts the connection without a retained will at QoS 1: allow it there, or set availability.topic = ""`)
			return nil
		}
		err = without
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		b.say(statusFail, "login", err.Error(), mqtt.Hint(err))
		return nil
	}
	return s
}

// willOf returns a will of the kind that the daemon has, which some brokers
// refuse. As it is empty unless the broker insists, nothing stays there if the
// connection breaks.
func willOf(c *config.Config) *mqtt.Message {
	if c.Availability.Topic == "" {
		return nil
	}
	return &mqtt.Message{Topic: "sensorpub/" + c.Node + "/doctor/will", QoS: 1, Retain: true}
}
