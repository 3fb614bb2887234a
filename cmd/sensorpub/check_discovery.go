package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher/discovery"
)

// announcedMessage is what check --discovery --json prints of a message.
type announcedMessage struct {
	Topic   string          `json:"topic"`
	QoS     byte            `json:"qos"`
	Retain  bool            `json:"retain"`
	Payload json.RawMessage `json:"payload"`
}

// printAnnounced prints what Home Assistant learns of this configuration.
func (e *env) printAnnounced(c *config.Config, asJSON bool) error {
	n, on := c.Announced(version)
	if !on {
		fmt.Fprintln(e.stderr, "sensorpub: nothing is announced: homeassistant.discovery is false")
		return nil
	}
	for _, s := range c.Sensors {
		if s.IfPresent {
			fmt.Fprintf(e.stderr, "sensorpub: %s: optional, announced after its first reading\n", terminal.Text(s.Name))
		} else if s.Optional {
			fmt.Fprintf(e.stderr, "sensorpub: %s: announced after its first reading, which shows what the device measures\n", terminal.Text(s.Name))
		}
	}
	n = n.Existing(func(discovery.Reading) bool { return false })
	for _, m := range n.Messages(nil) {
		if asJSON {
			fmt.Fprintln(e.stdout, terminal.JSON(announcedMessage{m.Topic, m.QoS, m.Retain, m.Payload}))
			continue
		}
		var b bytes.Buffer
		if err := json.Indent(&b, m.Payload, "", "  "); err != nil {
			return fmt.Errorf("print %s: %w", m.Topic, err)
		}
		fmt.Fprintln(e.stdout, terminal.Text(m.Topic))
		for line := range strings.SplitSeq(b.String(), "\n") {
			fmt.Fprintln(e.stdout, terminal.EscapeJSON(line))
		}
	}
	return nil
}
