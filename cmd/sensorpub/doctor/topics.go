package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// topicsFor bounds the tests of topics at one broker. A message that is
// acknowledged and dropped takes three seconds.
const topicsFor = time.Minute

const stopIt = "to test every topic, stop the daemon and run sensorpub doctor again"

// checkTopics checks whether a subscriber receives what the daemon publishes to each
// topic. While a daemon is running it only listens, because it could replace a newer
// message with an older one.
func (b *broker) checkTopics(ctx context.Context) {
	topic := b.config.Availability.Topic
	if b.holder > 0 || topic != "" && string(b.trial.subjects[0].kept) == publisher.Online {
		b.checkRunning(ctx)
		return
	}
	good, hinted, end := 0, make(map[string]bool), time.Now().Add(topicsFor)
	for i, s := range b.trial.subjects {
		if time.Now().After(end) {
			b.say(statusWarn, "topics", count(len(b.trial.subjects)-i, "topic")+" not tested, because it would take too long")
			break
		}
		err := b.trial.try(ctx, s)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			good++
			continue
		}
		b.sayTopic(s, err, hinted)
	}
	if good > 0 {
		b.say(statusOK, "topics", fmt.Sprintf("%d of %s: a message came back", good, count(len(b.trial.subjects), "topic")))
	}
}

// sayTopic says why a subscriber may not receive what is published to a topic,
// with the hints that were not given yet.
func (b *broker) sayTopic(s *subject, err error, hinted map[string]bool) {
	var hints []string
	status, finding := statusFail, fmt.Sprintf("%v: %v", s, err)
	switch {
	case errors.Is(err, errNothing):
		status = statusSkip
	case errors.Is(err, errUnreadable):
		status = statusWarn
		hints = []string{"subscribe as another user to see what arrives"}
	case errors.Is(err, mqtt.ErrSwallowed):
		hints = swallowedHints(s.message.Topic)
	case errors.Is(err, mqtt.ErrNotKept):
		hints = []string{"this broker ignores the retain flag: subscribers see nothing until the next reading"}
	default:
		hints = []string{s.suspects()}
	}
	var fresh []string
	for _, h := range hints {
		if !hinted[h] {
			fresh = append(fresh, h)
		}
		hinted[h] = true
	}
	b.say(status, "topic", finding, fresh...)
}

// suspects names what a broker may refuse about a message without saying so.
func (s *subject) suspects() string {
	text := "the broker may forbid the topic or limit the size of a message (for Mosquitto: max_packet_size)"
	if s.message.QoS == 2 {
		text += ", or not support QoS 2"
	}
	if s.message.Retain {
		text += ", or not accept retained messages"
	}
	return text + "; its log may say more"
}

// checkRunning checks the topics by what arrives from a running daemon.
func (b *broker) checkRunning(ctx context.Context) {
	if b.trial.session != nil && b.trial.listen(ctx, 3*b.listen) != nil {
		return
	}
	listened := 4 * b.listen
	good, silent := 0, 0
	for _, s := range b.trial.subjects {
		switch {
		case s.closed != nil:
			b.say(statusWarn, "topic", fmt.Sprintf("%v: %v", s, s.closed), "subscribe as another user to see what arrives")
		case s.live, s.own && s.kept != nil:
			good++
		case s.kept != nil || s.interval == 0:
			silent++
		case s.interval < listened/2:
			b.say(statusFail, "topic", fmt.Sprintf("%v: a daemon is running, but nothing arrives", s), stopIt)
		default:
			b.say(statusWarn, "topic", fmt.Sprintf("%v: nothing is retained, and nothing came within %v", s, listened), stopIt)
		}
	}
	if silent > 0 {
		b.say(statusSkip, "topics", fmt.Sprintf("%s: nothing new came within %v, and nothing is published while a daemon is running", count(silent, "topic"), listened), stopIt)
	}
	if good > 0 {
		b.say(statusOK, "topics", fmt.Sprintf("%d of %s: messages of the daemon arrive", good, count(len(b.trial.subjects), "topic")))
	}
}
