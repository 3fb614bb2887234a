package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/sensors"
)

// A printer prints a line "TOPIC PAYLOAD" for each message.
type printer struct {
	w      io.Writer
	series map[string]series // by topic
}

// run prints until done is closed and everything before that is printed.
func (p *printer) run(done <-chan struct{}, messages <-chan mqtt.Message) error {
	for {
		select {
		case m := <-messages:
			if err := p.print(m); err != nil {
				return err
			}
		case <-done:
			for len(messages) > 0 {
				if err := p.print(<-messages); err != nil {
					return err
				}
			}
			return nil
		}
	}
}

func (p *printer) print(m mqtt.Message) error {
	if _, err := fmt.Fprintln(p.w, m.Topic, payloadText(m.Payload, p.series[m.Topic].format)); err != nil {
		return fmt.Errorf("write standard output: %w", cause(err))
	}
	return nil
}

// payloadText returns a payload as text, and the number in a binary one. What
// another client sent cannot break the line.
func payloadText(payload []byte, format string) string {
	text := string(payload)
	if format != "" {
		d, err := publisher.Decode(payload, format)
		if err == nil {
			payload, err = publisher.Text{Precision: precision}.Encode(sensors.Reading{Value: d.Value})
		}
		if err == nil {
			return string(payload)
		}
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return strconv.Quote(text)
	}
	return text
}
