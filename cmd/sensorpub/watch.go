package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
)

const watchDetail = `Shows each message with its time of arrival, decoded from whichever encoding it
uses. "retained" marks messages that the broker had stored before.`

// watch subscribes to the topics of the configuration, or to given ones, and
// prints a line for each message.
func watch(ctx context.Context, e *env) error {
	fs := e.flags()
	count := fs.Int("count", 0, "end after `N` messages")
	asJSON := e.jsonFlag(fs)
	var filters []string
	fs.Func("topic", "subscribe to `FILTER` instead of the configured topics; may be repeated", func(s string) error {
		if cause := checkFilter(s); cause != "" {
			return errors.New(cause)
		}
		filters = append(filters, s)
		return nil
	})
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if *count < 1 && given(fs, "count") {
		return e.misuse(fmt.Errorf("--count %d: want 1 or more", *count))
	}
	c, err := e.load(ctx)
	if err != nil {
		return err
	}
	if len(filters) == 0 {
		filters = topicsToWatch(c)
	}
	m, err := c.MQTT(ctx, e.logger())
	if err != nil {
		return wrong(err)
	}
	m.ClientID = mqtt.SideID(m.ClientID, "watch")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := 0
	handle := func(msg mqtt.Message) {
		if *count > 0 && seen >= *count {
			return
		}
		seen++
		show := describe
		if *asJSON {
			show = describeJSON
		}
		fmt.Fprintln(e.stdout, show(c, msg, time.Now()))
		if seen == *count {
			cancel()
		}
	}
	s := &mqtt.Subscriber{Client: m, Filters: filters, Handle: handle}
	return s.Run(ctx)
}

// topicsToWatch returns the topics of a configuration, those of messages that are not
// retained as well.
func topicsToWatch(c *config.Config) []string {
	topics, _ := topicsOf(c, nil)
	for _, r := range c.Routes {
		if !r.Retain {
			topics = append(topics, r.Topic)
		}
	}
	return topics
}

// describe formats a message for people: time of arrival, topic, value, and
// whatever else is known.
func describe(c *config.Config, m mqtt.Message, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s ", at.Format("15:04:05.000"), terminal.Pad(terminal.Text(m.Topic), 28))
	format, unit := decoding(c, m.Topic)
	d, err := publisher.Decode(m.Payload, format)
	switch {
	case len(m.Payload) == 0:
		b.WriteString("deleted")
	case err != nil:
		fmt.Fprintf(&b, "%q", m.Payload)
	default:
		if d.Unit != "" {
			unit = d.Unit
		}
		fmt.Fprintf(&b, "%v %s", d.Value, terminal.Text(unit))
	}
	if !d.Time.IsZero() {
		fmt.Fprintf(&b, "  measured %s", d.Time.Local().Format(clockOf(d.Time, at)))
	}
	if m.Retain {
		b.WriteString("  retained")
	}
	return strings.TrimRight(b.String(), " ")
}

// clockOf returns the layout for a time, with the date unless it is that of at.
func clockOf(t, at time.Time) string {
	const clock, date = "15:04:05.000", "2006-01-02"
	if t.Local().Format(date) == at.Local().Format(date) {
		return clock
	}
	return date + " " + clock
}

// decoding returns the binary format and the unit of a configured topic, or ""
// for other topics and encodings.
func decoding(c *config.Config, topic string) (format, unit string) {
	for _, r := range c.Routes {
		if r.Topic == topic {
			binary, _ := r.Encoder.(publisher.Binary)
			return binary.Format, r.Unit
		}
	}
	return "", ""
}

// maxFilter is the longest topic filter in bytes (MQTT 3.1.1, section 4.7.3).
const maxFilter = 65535

// checkFilter returns why a topic filter is invalid (MQTT 3.1.1, section 4.7),
// or "".
func checkFilter(f string) string {
	if f == "" || len(f) > maxFilter || !utf8.ValidString(f) || strings.Contains(f, "\x00") {
		return fmt.Sprintf("want a topic filter of 1 to %d bytes in UTF-8, without NUL", maxFilter)
	}
	levels := strings.Split(f, "/")
	for i, level := range levels {
		switch {
		case len(level) > 1 && strings.ContainsAny(level, "+#"):
			return "want + and # alone in their level, such as a/+/b or a/#"
		case level == "#" && i < len(levels)-1:
			return "want # in the last level only, such as a/#"
		}
	}
	return ""
}
