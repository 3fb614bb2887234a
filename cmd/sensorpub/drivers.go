package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// listDrivers prints the table of drivers, or the details of one.
func listDrivers(ctx context.Context, e *env) error {
	fs := e.bareFlags()
	asJSON := e.jsonFlag(fs)
	if err := e.parse(fs, 1); err != nil {
		return err
	}
	switch {
	case len(e.args) == 0 && *asJSON:
		for _, d := range drivers.Table() {
			fmt.Fprintln(e.stdout, driverJSON(d, "", ""))
		}
		return nil
	case len(e.args) == 0:
		return printDrivers(e.stdout)
	}
	chip, served := "", ""
	d, err := drivers.Lookup(strings.ToLower(e.args[0]))
	if name, how, _ := drivers.ServedBy(e.args[0]); err != nil && name != "" {
		chip, served = e.args[0], how
		d, err = drivers.Lookup(name)
	}
	if err != nil {
		return wrong(fmt.Errorf("show driver %q: %w", e.args[0], err), "sensorpub drivers lists the drivers")
	}
	if *asJSON {
		fmt.Fprintln(e.stdout, driverJSON(d, chip, served))
		return nil
	}
	if chip != "" {
		fmt.Fprintf(e.stdout, "%s has no driver of its own; driver = %q reads it%s\n\n",
			terminal.Text(chip), d.Name, strings.TrimSuffix(": "+served, ": "))
	}
	return printDriver(e.stdout, d)
}

func printDrivers(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range drivers.Table() {
		var names []string
		for _, q := range d.Quantities {
			names = append(names, q.Name)
		}
		switch more := len(names) - 3; {
		case d.AnyQuantity:
			names = []string{"any"}
		case more > 2:
			names = append(names[:3], fmt.Sprintf("%d more", more))
		}
		fmt.Fprintf(tab, "%s\t%s\t%s\n", d.Name, strings.Join(names, ", "), d.Summary)
	}
	return tab.Flush()
}

// decimals formats a number without an exponent.
func decimals(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func printDriver(w io.Writer, d drivers.Driver) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tab, "%s: %s\n\nquantities:\n", d.Name, d.Summary)
	for _, q := range d.Quantities {
		fmt.Fprintf(tab, "  %s\t%s\tfrom %s to %s\n", q.Name, q.Unit, decimals(q.Min), decimals(q.Max))
	}
	if d.AnyQuantity {
		fmt.Fprint(tab, "  any other, with its unit\n")
	}
	paragraph(tab, "accuracy", d.Accuracy)
	paragraph(tab, "wiring", d.Wiring)
	if len(d.Options) > 0 {
		fmt.Fprint(tab, "\noptions:\n")
	}
	for _, o := range d.Options {
		rest := "default " + o.Format(o.Default)
		if o.Required {
			rest = "required"
		}
		fmt.Fprintf(tab, "  %s\t%s; %s\n\t%s\n", o.Name, kindOf(o), rest, o.Doc)
	}
	fmt.Fprintf(tab, "\nexample:\n%s", indent(exampleSensor(d)))
	return tab.Flush()
}

func paragraph(w io.Writer, title, text string) {
	if text != "" {
		fmt.Fprintf(w, "\n%s:\n%s", title, indent(text))
	}
}

// indent puts two spaces before each line and ends the last one.
func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}

// kindOf describes the values that an option takes.
func kindOf(o option.Option) string {
	kind := map[reflect.Type]string{
		reflect.TypeFor[string]():        "string",
		reflect.TypeFor[int64]():         "integer",
		reflect.TypeFor[float64]():       "number",
		reflect.TypeFor[bool]():          "true or false",
		reflect.TypeFor[time.Duration](): "duration",
		reflect.TypeFor[[]float64]():     "list of numbers",
		reflect.TypeFor[[]string]():      "list of strings",

		reflect.TypeFor[map[string]string](): "table of strings",
	}[reflect.TypeOf(o.Default)]
	switch {
	case len(o.OneOf) > 0 && kind == "string":
		return option.OneOf(o.OneOf)
	case len(o.OneOf) > 0:
		return kind + ", each " + option.OneOf(o.OneOf)
	case o.Min == 0 && o.Max == 0:
		return kind
	case o.Hex:
		return fmt.Sprintf("%#x to %#x", int64(o.Min), int64(o.Max))
	case kind == "duration":
		second := float64(time.Second)
		return fmt.Sprintf("duration, %s to %s",
			option.ShortDuration(time.Duration(o.Min*second)), option.ShortDuration(time.Duration(o.Max*second)))
	}
	return fmt.Sprintf("%s, %v to %v", kind, o.Min, o.Max)
}

// exampleSensor returns a [[sensor]] block for a driver, with the options that
// have an example or a default worth showing.
func exampleSensor(d drivers.Driver) string {
	var options []string
	for _, o := range d.Options {
		if o.Example != nil {
			options = append(options, o.Name+" = "+o.Format(o.Example))
		} else if v := reflect.ValueOf(o.Default); !v.IsZero() && (v.Kind() != reflect.Slice && v.Kind() != reflect.Map || v.Len() > 0) {
			options = append(options, o.Name+" = "+o.Format(o.Default))
		}
	}
	block := fmt.Sprintf("[[sensor]]\nname    = \"outside\"\ndriver  = %q\n", d.Name)
	if len(options) > 0 {
		block += "options = { " + strings.Join(options, ", ") + " }\n"
	}
	return block
}
