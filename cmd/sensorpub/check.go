package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers/option"
)

const checkDetail = `Reads the configuration, opens nothing else, and prints one line for each
sensor: its name, driver, topics, encoding, QoS, whether its messages are
retained, how often it is read, how its readings are filtered, and when they
become stale. All errors are reported at once; the exit code is then 2.
Warnings go to standard error and do not change it: files that every user can
read or write, more memory than the service has, a status page without a
password, topics that Mosquitto refuses. With --discovery it prints what is
announced to Home Assistant instead: each topic, followed by its message.`

// check prints what the configuration will do.
func check(ctx context.Context, e *env) error {
	fs := e.flags()
	asJSON := e.jsonFlag(fs)
	announced := fs.Bool("discovery", false, "print what is announced to Home Assistant, and send nothing")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	c, err := e.LoadOnly(ctx, e.file)
	switch {
	case err != nil && *asJSON:
		e.printErrors(err)
		fallthrough
	case err != nil:
		return wrongConfig(err)
	case *announced:
		return e.printAnnounced(c, *asJSON)
	case *asJSON:
		e.printChecked(c)
	default:
		printCheck(e.stdout, c)
	}
	for _, w := range c.Warnings(ctx, config.ServiceMemory) {
		fmt.Fprintf(e.stderr, "warning: %s\nhint: %s\n", w.Finding, terminal.Hint(w.Hint, e.superuser))
	}
	return nil
}

// printCheck writes a line for each sensor, in columns.
func printCheck(w io.Writer, c *config.Config) {
	var tab terminal.Table
	for i, s := range c.Sensors {
		topics := strings.Join(s.Topics(), ", ")
		if s.Optional {
			topics += ", depending on the device"
		}
		encoding, retained := s.Encoding, "retained"
		if encoding == "binary" {
			encoding += " " + s.BinaryFormat
		}
		if !s.Retain {
			retained = "not retained"
		}
		if s.IfPresent {
			topics += ", if present"
		}
		tab.Add(s.Name, s.Driver, topics, encoding, fmt.Sprintf("QoS %d", s.QoS), retained,
			"every "+option.ShortDuration(s.Interval), signalText(s, c.Probes[i]))
	}
	for _, s := range c.Disabled {
		tab.Add(s.Name, s.Driver, "disabled")
	}
	fmt.Fprint(w, tab.String())
}

// signalText describes how the readings of a sensor are processed before they are
// published, for check: "max_step 2 °C, published in °F".
func signalText(s config.Sensor, p sensors.Probe) string {
	var parts []string
	for i, q := range p.Quantities {
		all := steps(p.Signals[i], q.Unit)
		if i < len(s.Routes) && s.Routes[i].Unit != q.Unit { // those that are not published come last
			all = append(all, "published in "+s.Routes[i].Unit)
		}
		text := strings.Join(all, ", ")
		if text != "" && len(p.Quantities) > 1 {
			text = q.Name + ": " + text
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	if p.StaleAfter > 0 {
		text := "stale after " + option.ShortDuration(p.StaleAfter)
		if s.ClearStale {
			text += " and cleared"
		}
		if len(s.Routes) > 0 && s.Routes[0].Status != "" {
			text += ", status " + s.Routes[0].Status
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// steps describes the steps of a signal in order. Its numbers are in unit, that
// of the quantity.
func steps(s sensors.Signal, unit string) []string {
	var all []string
	add := func(set bool, format string, args ...any) {
		if set {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	c, f := s.Calibration, s.Filter
	add(len(c.Points) > 0, "%d calibration points", len(c.Points))
	add(c.Gain != 0 && c.Gain != 1, "gain %g", c.Gain)
	add(c.Offset != 0, "offset %g %s", c.Offset, unit)
	if f.Min != nil {
		add(true, "min %g %s", *f.Min, unit)
	}
	if f.Max != nil {
		add(true, "max %g %s", *f.Max, unit)
	}
	add(f.MaxStep > 0, "max_step %g %s", f.MaxStep, unit)
	add(f.MaxStep > 0 && f.Confirmations > 1, "%d confirmations", f.Confirmations)
	add(f.Median > 1, "median %d", f.Median)
	add(f.EMA > 0, "ema %g", f.EMA)
	add(f.Deadband > 0, "deadband %g %s", f.Deadband, unit)
	add(f.Heartbeat > 0, "heartbeat %s", option.ShortDuration(f.Heartbeat))
	return all
}
