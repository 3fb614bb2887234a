package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

// commandPage returns sensorpub(1), from the help of the program and the tables of
// exit codes and environment variables in docs/configuration.md.
func commandPage(sensorpub run, date time.Time) (string, error) {
	help, err := sensorpub("help")
	if err != nil {
		return "", err
	}
	p := newPage("sensorpub", "1", "temperature probes to MQTT", date)
	p.macro("Sh", "SYNOPSIS")
	p.macro("Nm")
	p.macro("Op", "Ar", "COMMAND")
	p.macro("Op", "Ar", "flags")
	p.macro("Sh", "DESCRIPTION")
	about, list, _ := strings.Cut(help, "\n\n")
	p.block(about)
	p.text("The service sensorpub.service runs the command run, with the configuration in /etc/sensorpub/config.toml. " +
		"Results go to standard output, everything else to standard error.")
	p.macro("Sh", "COMMANDS")
	_, list, found := strings.Cut(list, "\ncommands:\n")
	if !found {
		return "", fmt.Errorf("help of the program: no list of commands in\n%s", help)
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		text, err := sensorpub("help", name)
		if err != nil {
			return "", err
		}
		if err := p.command(name, text); err != nil {
			return "", err
		}
	}
	if err := p.tables("docs/configuration.md"); err != nil {
		return "", err
	}
	p.macro("Sh", "SEE ALSO")
	p.macro("Xr", "mosquitto_sub", "1", ",")
	p.macro("Xr", "systemctl", "1", ",")
	p.macro("Xr", "sensorpub.toml", "5")
	return p.String(), nil
}

// command writes the section of a command from its help:
//
//	NAME: SUMMARY
//
//	DETAIL
//
//	usage: sensorpub NAME …
//
//	flags:
//	  --FLAG VALUE   what it does
func (p *page) command(name, help string) error {
	text, flags, found := strings.Cut(help, "\nflags:\n")
	text, usage, foundUsage := strings.Cut(text, "usage: sensorpub ")
	if !found || !foundUsage {
		return fmt.Errorf("help of %s: no usage or no flags in\n%s", name, help)
	}
	summary, detail, _ := strings.Cut(text, "\n")
	summary = strings.TrimPrefix(summary, name+": ")
	p.WriteString(".Ss " + optional.ReplaceAllString(strings.TrimSpace(strings.Replace(usage, " [flags]", "", 1)), "Op Ar $1") + "\n")
	p.text(sentence(summary))
	if detail = strings.TrimSpace(detail); detail != "" {
		p.macro("Pp")
		p.block(detail)
	}
	list := new(page)
	for line := range strings.Lines(flags) {
		if head, usage, ok := splitFlag(line); ok && head != "-h, --help" {
			list.flag(head, usage)
		}
	}
	if list.Len() > 0 {
		p.macro("Bl", "-tag", "-width", "Ds", "-compact", "-offset", "indent")
		p.WriteString(list.String())
		p.macro("El")
	}
	return nil
}

var optional = regexp.MustCompile(`\[([A-Z]+)\]`)

// splitFlag takes "  -c, --config FILE   what it does" apart.
func splitFlag(line string) (head, usage string, ok bool) {
	line = strings.TrimSpace(line)
	if head, usage, ok = strings.Cut(line, "  "); ok {
		return head, strings.TrimSpace(usage), true
	}
	words := strings.Fields(line) // a long flag, with one blank
	for n, w := range words {
		if n > 0 && strings.ToUpper(w) != w {
			return strings.Join(words[:n], " "), strings.Join(words[n:], " "), true
		}
	}
	return "", "", false
}

// flag writes an item: "-c, --config FILE".
func (p *page) flag(head, usage string) {
	var args []string
	for _, w := range strings.Fields(head) {
		name, comma := strings.CutSuffix(w, ",")
		if flag, ok := strings.CutPrefix(name, "-"); ok {
			args = append(args, "Fl", flag)
		} else {
			args = append(args, "Ar", name)
		}
		if comma {
			args = append(args, ",")
		}
	}
	p.WriteString(".It " + strings.Join(args, " ") + "\n")
	p.text(usage)
}

// tables writes the sections that are tables of the documentation.
func (p *page) tables(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, t := range []struct{ head, section string }{
		{"\n| environment variable | |\n", "ENVIRONMENT"},
		{"\n| exit code | |\n", "EXIT STATUS"},
	} {
		_, rest, found := strings.Cut(string(b), t.head)
		if !found {
			return fmt.Errorf("%s: no table %q", file, strings.TrimSpace(t.head))
		}
		p.macro("Sh", t.section)
		p.macro("Bl", "-tag", "-width", "Ds")
		table, _, _ := strings.Cut(rest, "\n\n")
		for line := range strings.Lines(table) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			if len(cells) != 2 || strings.HasPrefix(cells[0], "---") {
				continue
			}
			p.macro("It", strings.TrimSpace(strings.ReplaceAll(cells[0], "`", "")))
			p.text(sentence(strings.ReplaceAll(cells[1], "`", "")))
		}
		p.macro("El")
	}
	return nil
}
