package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sensorpub/sensors/drivers"
)

const checkDetail = `Reads the configuration, opens nothing else, and prints one line for each sensor:
its name, driver, topics, encoding, QoS, whether its messages are retained, how
often it is read, and what is done to its readings on the way. All that is wrong is reported at once, and the exit code
is then 2.`

// check prints what the configuration will do.
func check(ctx context.Context, e *env) error {
	if err := e.parse(e.flags(), 0); err != nil {
		return err
	}
	c, err := e.loadOnly()
	if err != nil {
		return err
	}
	return c.print(e.stdout)
}

// print writes a line for each sensor, in columns.
func (c *Config) print(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, s := range c.Sensors {
		var topics []string
		for _, r := range s.routes {
			topics = append(topics, r.Topic)
		}
		encoding, retained := s.Encoding, "retained"
		if encoding == "binary" {
			encoding += " " + s.BinaryFormat
		}
		if !s.Retain {
			retained = "not retained"
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\tQoS %d\t%s\tevery %s", s.Name, s.Driver,
			strings.Join(topics, ", "), encoding, s.QoS, retained, drivers.ShortDuration(s.Interval))
		if text := s.signalText(c.probes[i]); text != "" {
			fmt.Fprintf(tab, "\t%s", text)
		}
		fmt.Fprintln(tab)
	}
	return tab.Flush()
}
