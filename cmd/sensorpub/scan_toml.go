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
// refuse becomes a comment: the name of a chip comes unchecked from the chip or its
// kernel driver, and may be empty or not text.
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

// printable replaces characters that cannot appear in a line of a file with the
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
		p.names = make(map[string]bool)
	}
	chip := chipName(f)
	name := chip
	for n := 2; p.names[name]; n++ {
		name = fmt.Sprintf("%s-%d", chip, n)
	}
	p.names[name] = true
	return name
}

// chipName returns the name of the chip, which iio and hwmon know from the kernel,
// or that of the driver.
func chipName(f drivers.Find) string {
	for _, key := range []string{"chip", "device"} {
		name, _ := f.Options[key].(string)
		name, _, _ = strings.Cut(name, "@") // dht11@4: a number of the device tree
		if name != "" && (f.Driver == "hwmon" || f.Driver == "iio") && !strings.ContainsFunc(name, unusual) {
			return name
		}
	}
	return f.Driver
}

// unusual reports whether a character does not belong in the name of a chip.
func unusual(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
}
