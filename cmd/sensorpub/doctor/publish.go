package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/publisher/mqtt"
)

// checkPublish sends a message around on a topic of the doctor's own, as long
// as the longest of the configuration. It reports whether the message came back.
func (b *broker) checkPublish(ctx context.Context) bool {
	m := mqtt.Message{Topic: "sensorpub/" + b.config.Node + "/doctor/" + rand.Text(), Payload: []byte(rand.Text()), QoS: 1}
	for _, s := range b.trial.subjects {
		if more := s.size() - len(m.Topic) - len(m.Payload); more > 0 {
			m.Payload = append(m.Payload, strings.Repeat(" ", more)...)
		}
	}
	around, cancel := context.WithTimeout(ctx, b.trial.step)
	defer cancel()
	start := time.Now()
	err := b.trial.tap.Subscribe(around, m.Topic)
	if err == nil {
		err = mqtt.RoundTrip(around, b.trial.tap, m, b.trial.ack)
	}
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, mqtt.ErrSwallowed):
		b.say(statusFail, "publish", fmt.Sprintf("publish %s: %v", m.Topic, err), swallowedHints("sensorpub/"+b.config.Node+"/#")...)
	case err != nil:
		b.say(statusFail, "publish", fmt.Sprintf("publish %s: %v", describe(m), err),
			"look at the broker's log, its access list and its limit on the size of a message")
	default:
		b.say(statusOK, "publish", fmt.Sprintf("a message to %s came back within %d ms", m.Topic, time.Since(start).Milliseconds()+1))
	}
	return err == nil
}

// checkRetain publishes a retained message to a topic of the doctor's own and
// deletes it. Topics that cannot be read are not tried with the retain flag, as
// what they hold would be lost.
func (b *broker) checkRetain(ctx context.Context) {
	retains := func(s *subject) bool { return s.message.Retain }
	if ctx.Err() != nil || !slices.ContainsFunc(b.trial.subjects, retains) || b.trial.connect(ctx) != nil {
		return
	}
	topic := "sensorpub/" + b.config.Node + "/doctor/" + rand.Text()
	err := b.trial.session.SendWithin(ctx, mqtt.Message{Topic: topic, Payload: []byte(rand.Text()), QoS: 1, Retain: true}, b.trial.ack)
	if ctx.Err() == nil && errors.Is(err, mqtt.ErrEnded) {
		b.say(statusFail, "retain", "publish a retained message to "+topic+": "+err.Error(),
			"if this broker takes no retained messages: retain = false in [publish], and availability.topic = \"\"")
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.trial.step)
	defer cancel()
	if b.trial.connect(clean) == nil {
		b.trial.session.SendWithin(clean, mqtt.Message{Topic: topic, Payload: []byte{}, QoS: 1, Retain: true}, b.trial.ack) // if that fails, nothing is retained there
	}
}

// swallowedHints say what to do if a broker drops messages that it has acknowledged.
func swallowedHints(filter string) []string {
	return []string{
		"the broker's access list silently forbids writing or reading there; for Mosquitto, add: topic readwrite " + filter,
		"no fault if this user may only publish: subscribe as another user to see what arrives",
	}
}
