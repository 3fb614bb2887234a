package main

import (
	"encoding/hex"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// A watched is what watch --json prints of a message.
type watched struct {
	Time     string   `json:"time"` // of its arrival
	Topic    string   `json:"topic"`
	Value    *float64 `json:"value"` // null: the payload is not a reading
	Unit     string   `json:"unit,omitempty"`
	Measured string   `json:"measured,omitempty"`
	Payload  string   `json:"payload"` // as text or, if it is not text, in hex
	Hex      bool     `json:"hex,omitempty"`
	QoS      byte     `json:"qos"`
	Retained bool     `json:"retained"`
}

// describeJSON formats a message for programs.
func describeJSON(c *config.Config, m mqtt.Message, at time.Time) string {
	w := watched{Time: stamp(at), Topic: m.Topic, Payload: string(m.Payload), QoS: m.QoS, Retained: m.Retain}
	if !terminal.IsPlain(w.Payload) {
		w.Payload, w.Hex = hex.EncodeToString(m.Payload), true
	}
	format, unit := decoding(c, m.Topic)
	if d, err := publisher.Decode(m.Payload, format); err == nil && len(m.Payload) > 0 {
		w.Value, w.Unit = &d.Value, unit
		if d.Unit != "" {
			w.Unit = d.Unit
		}
		if !d.Time.IsZero() {
			w.Measured = stamp(d.Time)
		}
	}
	return terminal.JSON(w)
}
