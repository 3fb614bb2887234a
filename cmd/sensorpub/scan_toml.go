package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"unicode"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/sensors"
	"sensorpub/sensors/drivers"
)

// blocks prints a survey as [[sensor]] blocks. A find that the check would
// refuse becomes a comment: the kernel passes on the name that a chip or its
// driver gives, which may be empty or not text.
func (p *scanPrinter) blocks(v drivers.Survey, read findReader) {
	for _, f := range v.Finds {
		block := p.block(v, f, read)
		if block == "" {
			continue
		}
		if p.started {
			fmt.Fprintln(p.w)
		}
		p.started = true
		fmt.Fprint(p.w, block)
	}
}

// block returns the block of a find, or "" if no driver reads it.
func (p *scanPrinter) block(v drivers.Survey, f drivers.Find, read findReader) string {
	d, err := drivers.Lookup(f.Driver)
	if err != nil {
		return ""
	}
	var options []string
	for _, o := range d.Options {
		if x, ok := f.Options[o.Name]; ok {
			options = append(options, o.Name+" = "+o.Format(x))
		}
	}
	line := "options = { " + strings.Join(options, ", ") + " }\n"
	about := fmt.Sprintf("%s, %s: %s", v.Title, f.Place, f.Name)
	if err := misfit(d, f, line); err != nil {
		return fmt.Sprintf("# %s\n", printable(fmt.Sprintf("%s; cannot be configured: %v", about, err)))
	}
	var rejection *sensors.Rejection
	if _, err := read(f); errors.As(err, &rejection) {
		return fmt.Sprintf("# %s\n", printable(fmt.Sprintf("%s; not configured, its value was %v", about, rejection)))
	}
	block := fmt.Sprintf("# %s\n[[sensor]]\nname    = %q\ndriver  = %q\n", printable(about), p.name(f), f.Driver)
	if len(options) > 0 {
		block += line
	}
	return block
}

// misfit returns why a driver cannot take the options of a find, written as
// this line of TOML, or nil.
func misfit(d drivers.Driver, f drivers.Find, line string) error {
	options, err := config.Options(line)
	if err != nil || !maps.EqualFunc(options, f.Options, reflect.DeepEqual) {
		return errors.New("its name is not text")
	}
	_, errs := d.Configure(drivers.Host{OneWire: &drivers.OneWire{}}, f.Place, options)
	return errors.Join(errs[:min(1, len(errs))]...)
}

// printable replaces characters that a line of a file cannot have by the
// replacement character.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// name returns a name that no other find has: bme280, bme280-2.
func (p *scanPrinter) name(f drivers.Find) string {
	if p.names == nil {
		p.names = make(map[string]int)
	}
	p.names[f.Driver]++
	if n := p.names[f.Driver]; n > 1 {
		return fmt.Sprintf("%s-%d", f.Driver, n)
	}
	return f.Driver
}
