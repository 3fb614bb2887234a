package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sensorpub/publisher"
)

// clearWait bounds connecting and clearing.
const clearWait = 30 * time.Second

const clearDetail = `Publishes an empty retained payload to every topic that this configuration
publishes to, so that the broker forgets what it retains. Stop the daemon
before: one that is running publishes its readings again, and its status on
its next connection.`

// clearRetained deletes the retained messages of this configuration.
func clearRetained(ctx context.Context, e *env) error {
	fs := e.flags()
	yes := fs.Bool("yes", false, "do not ask first")
	sensor := fs.String("sensor", "", "only what the sensor `NAME` publishes")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if err := e.checkSensorFlag(fs, *sensor); err != nil {
		return err
	}
	c, err := e.load()
	if err != nil {
		return err
	}
	topics, err := c.topics(*sensor)
	if err != nil {
		return err
	}
	if !*yes {
		ok, err := e.ask(fmt.Sprintf("Delete the retained messages of these topics on %s?\n  %s\n[y/N] ",
			strings.Join(c.Broker.URLs, " or "), strings.Join(topics, "\n  ")))
		if err != nil || !ok {
			return err
		}
	}
	m, err := e.mqtt(c, e.logger())
	if err != nil {
		return err
	}
	m.ClientID += "-clear" // the daemon's own id would throw it off the broker
	ctx, cancel := context.WithTimeout(ctx, clearWait)
	defer cancel()
	s, err := m.Once(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer s.Disconnect()
	return publisher.Clear(ctx, s, topics, func(topic string) { fmt.Fprintln(e.stdout, topic) })
}

// topics returns the topics of one sensor and of its availability, or of all
// and of the daemon's.
func (c *Config) topics(sensor string) ([]string, error) {
	var topics, statuses []string
	for _, r := range c.routes {
		if sensor == "" || sensor == r.Sensor {
			topics = append(topics, r.Topic)
			if r.Status != "" {
				statuses = append(statuses, r.Status)
			}
		}
	}
	if len(topics) == 0 {
		return nil, c.noSensor(sensor)
	}
	topics = append(topics, slices.Compact(statuses)...)
	if sensor == "" && c.Availability.Topic != "" {
		topics = append(topics, c.Availability.Topic)
	}
	return topics, nil
}

// ask puts a question on stderr, for stdout is for results.
func (e *env) ask(question string) (bool, error) {
	fmt.Fprint(e.stderr, question)
	line, err := bufio.NewReader(e.stdin).ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(e.stderr)
		return false, failed(fmt.Errorf("read the answer: %w", err), "--yes answers it")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	fmt.Fprintln(e.stderr, "nothing was deleted")
	return false, nil
}

// unreachable gives an error of a connection its hint.
func unreachable(err error) error {
	if h := publisher.Hint(err); h != "" {
		return failed(err, h)
	}
	return err
}
