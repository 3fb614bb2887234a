package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/sensors"
)

// A printer prints the results of reads.
type printer interface {
	reading(r sensors.Reading)
	failure(sensor string, at time.Time, err error)
}

// newPrinter returns the printer for the format that the flags choose.
func newPrinter(e *env, c *config.Config, asJSON, asCSV bool) printer {
	precision := make(map[string]int)
	t := &textPrinter{e: e, precision: precision}
	for _, s := range c.Sensors {
		precision[s.Name] = s.Precision
	}
	for _, r := range c.Routes {
		t.sensorWidth = max(t.sensorWidth, terminal.Width(terminal.Text(r.Sensor)))
		t.quantityWidth = max(t.quantityWidth, terminal.Width(terminal.Text(r.Quantity)))
	}
	switch {
	case asJSON:
		return &jsonPrinter{e.stdout, c.Node, precision}
	case asCSV:
		p := &csvPrinter{csv.NewWriter(e.stdout), precision}
		p.row("time", "sensor", "quantity", "value", "unit", "error")
		return p
	}
	return t
}

// decimal formats a value as the text encoding does.
func decimal(r sensors.Reading, precision int) string {
	b, err := publisher.Text{Precision: precision}.Encode(r)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// A textPrinter prints for people: readings to stdout, failures to stderr.
type textPrinter struct {
	e             *env
	precision     map[string]int // of each sensor
	sensorWidth   int
	quantityWidth int
}

func (p *textPrinter) reading(r sensors.Reading) {
	line := fmt.Sprintf("%s  %s  %s %s", terminal.Pad(terminal.Text(r.Sensor), p.sensorWidth),
		terminal.Pad(terminal.Text(r.Quantity), p.quantityWidth), decimal(r, p.precision[r.Sensor]), terminal.Text(r.Unit))
	fmt.Fprintln(p.e.stdout, strings.TrimRight(line, " "))
}

func (p *textPrinter) failure(sensor string, _ time.Time, err error) {
	fmt.Fprintf(p.e.stderr, "sensorpub: read %s: %s\n", terminal.Text(sensor), terminal.Text(err.Error()))
}

// A jsonPrinter prints the JSON payloads that would be published, one per line.
type jsonPrinter struct {
	w         io.Writer
	node      string
	precision map[string]int
}

func (p *jsonPrinter) reading(r sensors.Reading) {
	b, err := publisher.JSON{Node: p.node, Precision: p.precision[r.Sensor]}.Encode(r)
	if err != nil {
		p.failure(r.Sensor, r.Time, err)
		return
	}
	fmt.Fprintln(p.w, terminal.EscapeJSON(string(b)))
}

func (p *jsonPrinter) failure(sensor string, _ time.Time, err error) {
	fmt.Fprintln(p.w, terminal.JSON(struct {
		Sensor string `json:"sensor"`
		Error  string `json:"error"`
	}{sensor, err.Error()}))
}

// A csvPrinter prints rows of RFC 4180, each as soon as it is known.
type csvPrinter struct {
	w         *csv.Writer
	precision map[string]int
}

func (p *csvPrinter) reading(r sensors.Reading) {
	p.row(stamp(r.Time), r.Sensor, r.Quantity, decimal(r, p.precision[r.Sensor]), r.Unit, "")
}

func (p *csvPrinter) failure(sensor string, at time.Time, err error) {
	p.row(stamp(at), sensor, "", "", "", err.Error())
}

// row ignores errors: env.stdout remembers them.
func (p *csvPrinter) row(cells ...string) {
	p.w.Write(shown(cells))
	p.w.Flush()
}

func stamp(t time.Time) string { return t.UTC().Format(sensors.TimeLayout) }
