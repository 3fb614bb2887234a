package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/cmd/sensorpub/web"
	"sensorpub/publisher"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

const explainDetail = `Asks the running daemon what happened to the last 16 values for a topic: after it
was read, each was acknowledged by the broker, rejected because it cannot be true,
left out because it is inside the deadband, superseded or dropped, or is still
queued. The daemon is asked through its HTTP server, so [http] must be on.`

// explain prints the last decisions about a topic.
func explain(ctx context.Context, e *env) error {
	if err := e.parse(e.flags(), 1); err != nil {
		return err
	}
	if len(e.args) == 0 {
		return e.misuse(errors.New("want a topic, such as temperature/outside"))
	}
	topic := e.args[0]
	c, err := e.LoadOnly(ctx, e.file)
	if err != nil {
		return wrongConfig(err)
	}
	if c.HTTP.Listen == "" {
		return failed(fmt.Errorf("explain %s: the daemon cannot be asked, because it serves no page", topic),
			`set listen = "127.0.0.1:9110" in [http] and restart sensorpub`)
	}
	password, err := c.HTTPPassword(ctx)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return failed(err, "sudo sensorpub explain can read it")
	case err != nil:
		return failed(err)
	}
	x, err := web.Ask(ctx, c.HTTP.Address(), password, topic)
	if err != nil {
		return failed(fmt.Errorf("explain %s: ask the daemon at %s: %w", topic, c.HTTP.Address(), err), explainHints(c, topic, err)...)
	}
	printExplanation(e.stdout, x)
	return nil
}

// explainHints says what to do if there is no explanation.
func explainHints(c *config.Config, topic string, err error) []string {
	switch {
	case errors.Is(err, web.ErrTopic):
		var topics []string
		for _, r := range c.Routes {
			topics = append(topics, r.Topic)
		}
		if near := option.Nearest(topic, topics); near != "" && near != topic {
			return []string{fmt.Sprintf("did you mean %s?", near)}
		}
		return []string{"sensorpub check lists the topics"}
	case errors.Is(err, web.ErrPassword):
		return []string{"if it is a systemd credential: sudo CREDENTIALS_DIRECTORY=/run/credentials/sensorpub.service sensorpub explain " + shellWord(topic)}
	case errors.Is(err, web.ErrSilent):
		return []string{"if sensorpub is listening there, it hangs: see systemctl status sensorpub"}
	}
	return []string{"is sensorpub running? A change of [http] takes effect when it is restarted"}
}

// printExplanation writes a line for each decision, in columns.
func printExplanation(w io.Writer, x web.Explanation) {
	fmt.Fprintf(w, "%s: %s of sensor %s\n", terminal.Text(x.Topic), terminal.Text(x.Quantity), terminal.Text(x.Sensor))
	fmt.Fprintln(w, "sensor: "+withCause(x.Status, x.Error))
	if x.Connected {
		fmt.Fprintln(w, "broker: connected")
	} else {
		fmt.Fprintln(w, "broker: "+withCause("not connected", x.Cause))
	}
	if len(x.Decisions) == 0 {
		fmt.Fprintln(w, "nothing has been read since the start")
		return
	}
	var tab terminal.Table
	for _, d := range x.Decisions {
		value := ""
		if d.Seq > 0 {
			value = strings.TrimSpace(string(d.Value) + " " + d.Unit)
		}
		at := "clock not set"
		if t := time.Time(d.Time); !t.IsZero() {
			at = t.Local().Format(time.DateTime)
		}
		tab.Add(at, value, decisionText(d))
	}
	fmt.Fprint(w, tab.String())
}

func withCause(state, cause string) string {
	state = terminal.Text(state)
	if cause != "" {
		state += ", " + terminal.Text(cause)
	}
	return state
}

// decisionText says in words what happened to a value.
func decisionText(d web.Decision) string {
	after := ""
	if d.After != nil {
		after = " after " + shortTime(time.Duration(*d.After*float64(time.Second)))
	}
	switch d.Decision {
	case publisher.FateAcknowledged:
		return "acknowledged" + after
	case publisher.FateSent:
		return "sent at QoS 0" + after
	case publisher.FateSuperseded:
		return "superseded by a newer reading" + after
	case publisher.FateDropped:
		return "dropped" + after + ": " + droppedBecause(d.Reason)
	case publisher.FateDeadband:
		return "inside the deadband: " + d.Detail
	case publisher.FateRejected:
		return fmt.Sprintf("rejected (%s)%s", d.Reason, withColon(d.Detail))
	}
	return string(d.Decision)
}

func withColon(s string) string {
	if s != "" {
		s = ": " + s
	}
	return s
}

// droppedBecause says in words why a reading was dropped.
func droppedBecause(reason sensors.Reason) string {
	words := map[sensors.Reason]string{
		publisher.Overflow: "the queue was full",
		publisher.Expired:  "it was older than max_age",
		publisher.Stopped:  "the daemon was stopping",
		publisher.Refused:  "the broker refuses messages to this topic",
		publisher.Lost:     "the spool was full, or its record was damaged",
	}
	if text := words[reason]; text != "" {
		return text
	}
	return string(reason)
}

// shortTime rounds a duration to three digits or so.
func shortTime(d time.Duration) string {
	for _, unit := range []time.Duration{time.Minute, time.Second, time.Millisecond} {
		if d >= 10*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Microsecond * 100).String()
}
