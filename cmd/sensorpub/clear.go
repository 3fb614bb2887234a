package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/cmd/sensorpub/timeout"
	"sensorpub/publisher"
)

// clearWait bounds connecting and clearing.
const clearWait = 30 * time.Second

// listenFor is how long the status of a running daemon is listened for once the
// broker has answered the subscription, and listenWait bounds both together.
const (
	listenFor  = 200 * time.Millisecond
	listenWait = 400 * time.Millisecond
)

const clearDetail = `Publishes an empty retained payload to every topic to which this node has
published with the retain flag, so that the broker deletes the retained message.
The topics are remembered in the spool's dir; without it, those of the
configuration are used. Stop the daemon first: while it is running it publishes
again. With --topic it deletes any other topic.`

// clearRetained deletes the retained messages of this configuration.
func clearRetained(ctx context.Context, e *env) error {
	fs := e.flags()
	yes := fs.Bool("yes", false, "do not ask first")
	names := e.sensorFlag(fs, "only what the sensor `NAME` publishes")
	var extra []string
	fs.Func("topic", "only `TOPIC`, which need not be in the configuration; may be repeated", func(s string) error {
		cause := checkFilter(s)
		if cause == "" && strings.ContainsAny(s, "+#") {
			cause = "want a topic without + and #, because each topic is deleted on its own"
		}
		if cause != "" {
			return errors.New(cause)
		}
		extra = append(extra, s)
		return nil
	})
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if err := e.checkSensorFlag(*names); err != nil {
		return err
	}
	c, err := e.load(ctx)
	if err != nil {
		return err
	}
	memory := e.topicMemory(c)
	topics := extra
	if len(*names) > 0 || len(extra) == 0 {
		own, err := e.ownTopics(c, *names, memory)
		if err != nil {
			return err
		}
		topics = append(topics, own...)
	}
	if len(topics) == 0 {
		fmt.Fprintln(e.stderr, "nothing to delete: no retained messages have been published")
		return nil
	}
	if !*yes {
		ok, err := e.askToClear(ctx, c, topics)
		if err != nil || !ok {
			return err
		}
	}
	m, err := c.MQTT(ctx, e.logger())
	if err != nil {
		return wrong(err)
	}
	m.ClientID = mqtt.SideID(m.ClientID, "clear") // with the same id, the broker would disconnect the daemon
	ctx, cancel := context.WithTimeout(ctx, clearWait)
	defer cancel()
	cleared, err := e.clearTopics(ctx, m, topics, c.Availability.Topic)
	return errors.Join(err, e.forget(memory, cleared))
}

// askToClear asks whether to delete the retained messages of these topics.
func (e *env) askToClear(ctx context.Context, c *config.Config, topics []string) (bool, error) {
	var brokers []string
	for _, u := range c.Broker.Servers {
		brokers = append(brokers, mqtt.Display(u))
	}
	return e.ask(ctx, fmt.Sprintf("Delete the retained messages of these topics on %s?\n  %s\n[y/N] ",
		strings.Join(brokers, " or "), strings.Join(shown(topics), "\n  ")))
}

// clearTopics deletes the retained messages of these topics, and warns first if
// the status topic says that the daemon is running. It returns those that were
// deleted.
func (e *env) clearTopics(ctx context.Context, m *mqtt.Client, topics []string, status string) (cleared []string, err error) {
	s, err := m.Once(ctx, nil)
	if err != nil {
		return nil, unreachable(err)
	}
	online, err := isOnline(ctx, s, status)
	if err != nil { // some brokers close the connection when they refuse a subscription
		s.Disconnect()
		if s, err = m.Once(ctx, nil); err != nil {
			return nil, unreachable(err)
		}
	}
	defer s.Disconnect()
	if online {
		fmt.Fprintf(e.stderr, "sensorpub: %s is online: the daemon is running and will publish again. Stop it first\n", terminal.Text(status))
	}
	err = mqtt.Clear(ctx, s, topics, func(topic string) {
		cleared = append(cleared, topic)
		fmt.Fprintln(e.stdout, terminal.Text(topic))
	})
	if errors.Is(err, mqtt.ErrEnded) {
		err = failed(err, "the broker's access list may forbid a topic, perhaps one before this: sensorpub doctor shows which")
	}
	return cleared, err
}

// isOnline reports whether the retained message of an availability topic says
// "online". After an error the session must not be used again.
func isOnline(ctx context.Context, s *mqtt.Session, topic string) (bool, error) {
	if topic == "" {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, listenWait)
	defer cancel()
	messages, err := mqtt.Listen(ctx, s, topic, listenFor)
	return slices.ContainsFunc(messages, func(m mqtt.Message) bool {
		return m.Retain && string(m.Payload) == publisher.Online
	}), err
}

// topicsOf returns the topics of these sensors and their availability or, without
// names, those of all sensors and of the daemon.
func topicsOf(c *config.Config, names []string) ([]string, error) {
	for _, name := range names {
		if !slices.ContainsFunc(c.Sensors, func(s config.Sensor) bool { return s.Name == name }) {
			return nil, wrong(c.NoSensor(name))
		}
	}
	var topics, statuses []string
	if n, on := c.Announced(version); on && len(names) == 0 { // first, as the deletion of a reading looks like a sign of life
		topics = n.Topics(n.Form)
		if d := n.Diagnostics.Topic; d != "" {
			topics = append(topics, d)
		}
	}
	for _, r := range c.Routes {
		if len(names) == 0 || slices.Contains(names, r.Sensor) {
			if r.Retain { // only its own retained messages
				topics = append(topics, r.Topic)
			}
			if r.Status != "" {
				statuses = append(statuses, r.Status)
			}
		}
	}
	topics = append(topics, slices.Compact(statuses)...)
	if len(names) == 0 && c.Availability.Topic != "" {
		topics = append(topics, c.Availability.Topic)
	}
	return topics, nil
}

// shown makes texts from outside safe to print.
func shown(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = terminal.Text(s)
	}
	return out
}

// forever is how long an answer may take.
const forever = time.Duration(math.MaxInt64)

// ask asks a question on stderr, because stdout is for results. Reading the answer
// cannot be cancelled, so it is abandoned when ctx ends.
func (e *env) ask(ctx context.Context, question string) (bool, error) {
	fmt.Fprint(e.stderr, question)
	type result struct {
		line string
		err  error
	}
	r, err := timeout.Run(ctx, forever, func() result {
		line, err := bufio.NewReader(e.stdin).ReadString('\n')
		return result{line, err}
	})
	if err != nil {
		fmt.Fprintln(e.stderr, "\nnothing was deleted")
		return false, err
	}
	line, err := r.line, r.err
	if err != nil && line == "" {
		fmt.Fprintln(e.stderr)
		return false, failed(fmt.Errorf("read the answer: %w", err), "--yes skips the question")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	fmt.Fprintln(e.stderr, "nothing was deleted")
	return false, nil
}

// unreachable adds a hint to the error of a connection.
func unreachable(err error) error {
	if h := mqtt.Hint(err); h != "" {
		return failed(err, h)
	}
	return err
}
