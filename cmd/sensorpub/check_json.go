package main

import (
	"errors"
	"fmt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors/drivers/option"
)

// A checkedSensor is what check --json prints of a sensor.
type checkedSensor struct {
	Sensor   string   `json:"sensor"`
	Driver   string   `json:"driver"`
	Enabled  bool     `json:"enabled"`
	Topics   []string `json:"topics,omitempty"`
	Optional bool     `json:"as_the_device_has,omitempty"`
	If       bool     `json:"if_present,omitempty"`
	Encoding string   `json:"encoding,omitempty"`
	Format   string   `json:"binary_format,omitempty"`
	QoS      int      `json:"qos"`
	Retain   bool     `json:"retain"`
	Interval string   `json:"interval"`
	Signal   string   `json:"signal,omitempty"`
}

// A checkedError is what check --json prints of an error in the configuration.
type checkedError struct {
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
	Error string `json:"error"`
}

// printChecked prints an object for each sensor.
func (e *env) printChecked(c *config.Config) {
	describe := func(s config.Sensor) checkedSensor {
		v := checkedSensor{
			Sensor: s.Name, Driver: s.Driver, Enabled: s.Enabled, Encoding: s.Encoding,
			Topics: s.Topics(), Optional: s.Optional, If: s.IfPresent,
			QoS: s.QoS, Retain: s.Retain, Interval: option.ShortDuration(s.Interval),
		}
		if s.Encoding == "binary" {
			v.Format = s.BinaryFormat
		}
		return v
	}
	for i, s := range c.Sensors {
		v := describe(s)
		v.Signal = signalText(s, c.Probes[i])
		fmt.Fprintln(e.stdout, terminal.JSON(v))
	}
	for _, s := range c.Disabled {
		fmt.Fprintln(e.stdout, terminal.JSON(describe(s)))
	}
}

// printErrors prints an object for each error of a configuration.
func (e *env) printErrors(err error) {
	var list config.Errors
	if !errors.As(err, &list) {
		fmt.Fprintln(e.stdout, terminal.JSON(checkedError{Error: err.Error()}))
		return
	}
	for _, one := range list {
		fmt.Fprintln(e.stdout, terminal.JSON(checkedError{one.File, one.Line, one.Text}))
	}
}
