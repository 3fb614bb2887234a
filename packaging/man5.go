package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// configPage returns sensorpub.toml(5), from config.toml.example and from what the
// program says about its drivers.
func configPage(sensorpub run, example string, date time.Time) (string, error) {
	b, err := os.ReadFile(example)
	if err != nil {
		return "", err
	}
	list, err := sensorpub("drivers", "--json")
	if err != nil {
		return "", err
	}
	p := newPage("sensorpub.toml", "5", "configuration of sensorpub", date)
	p.macro("Sh", "SYNOPSIS")
	p.macro("Pa", "/etc/sensorpub/config.toml")
	p.macro("Pp")
	p.macro("Pa", "/etc/sensorpub/conf.d/*.toml")
	p.macro("Sh", "DESCRIPTION")
	if err := p.keys(string(b)); err != nil {
		return "", fmt.Errorf("%s: %w", example, err)
	}
	p.macro("Sh", "DRIVERS")
	if err := p.drivers(list); err != nil {
		return "", err
	}
	p.macro("Sh", "FILES")
	p.macro("Bl", "-tag", "-width", "Ds")
	p.macro("It", "Pa", "/usr/share/doc/sensorpub/examples/config.toml")
	p.text("Every key with its default, as above.")
	p.macro("It", "Pa", "/etc/sensorpub/conf.d/*.toml")
	p.text("Read after the configuration, by name; may contain [[sensor]] sections and nothing else.")
	p.macro("El")
	p.macro("Sh", "SEE ALSO")
	p.macro("Xr", "sensorpub", "1")
	return p.String(), nil
}

var (
	keyLine   = regexp.MustCompile(`^(?:# )?([a-z_]+ = .*)$`)
	tableLine = regexp.MustCompile(`^\[+[a-z.]+\]+$`)
)

// driversHead begins the last part of the example, its list of drivers.
const driversHead = "# The drivers, with their options"

// keys writes what the example says of each table and key: the comment above it.
func (p *page) keys(example string) error {
	example, _, found := strings.Cut(example, driversHead)
	if !found {
		return errors.New("no list of drivers")
	}
	var comment []string
	listed := false // within a list
	say := func() {
		p.text(strings.Join(comment, " "))
		comment = nil
	}
	end := func() {
		if listed {
			p.macro("El")
		}
		listed = false
	}
	for line := range strings.Lines(example) {
		line = strings.TrimSpace(line)
		key := keyLine.FindStringSubmatch(line)
		switch {
		case key != nil:
			if !listed {
				p.macro("Bl", "-tag", "-width", "Ds")
				listed = true
			}
			p.macro("It", "Li", key[1])
			say()
		case tableLine.MatchString(line):
			end()
			p.macro("Ss", line+`\&`) // ] is not a delimiter
			say()
		case strings.HasPrefix(line, "#"):
			comment = append(comment, strings.TrimPrefix(line, "#"))
		case line == "" && p.isStart():
			say()
		case line != "":
			return fmt.Errorf("neither key, table nor comment: %s", line)
		}
	}
	end()
	return nil
}

// isStart reports whether there is no table yet.
func (p *page) isStart() bool {
	return !strings.Contains(p.String(), "\n.Ss ") && !strings.Contains(p.String(), "\n.Bl ")
}

// A driver is a line of sensorpub drivers --json.
type driver struct {
	Driver, Summary, Accuracy, Wiring string
	Options                           []struct {
		Option, Kind, Default, Doc string
		Required                   bool
	}
}

// drivers writes a subsection for each driver.
func (p *page) drivers(list string) error {
	for d := json.NewDecoder(strings.NewReader(list)); ; {
		var of driver
		err := d.Decode(&of)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("drivers --json: %w", err)
		}
		p.macro("Ss", of.Driver) // as it is written in the configuration
		p.text(sentence(of.Summary))
		p.text("Accuracy: " + sentence(of.Accuracy))
		p.text("Wiring: " + sentence(of.Wiring))
		if len(of.Options) == 0 {
			continue
		}
		p.macro("Bl", "-tag", "-width", "Ds")
		for _, o := range of.Options {
			value := "required"
			if !o.Required {
				value = "default " + o.Default
			}
			p.macro("It", "Li", o.Option)
			p.text(sentence(o.Kind + ", " + value))
			p.text(sentence(o.Doc))
		}
		p.macro("El")
	}
}

// sentence begins a text with a capital and ends it with a full stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(strings.TrimSpace(s))
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(strings.TrimSpace(s)[size:], ".") + "."
}
