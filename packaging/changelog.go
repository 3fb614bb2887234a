package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// maintainer is who made the package, in the changelog and in nfpm.yaml.
const maintainer = "sensorpub maintainers <maintainers@sensorpub.invalid>"

// A release is a section of CHANGELOG.md.
type release struct {
	version string // as in its heading
	date    string // in the heading, "" for the one that is being made
	body    string
}

var releaseHeading = regexp.MustCompile(`(?m)^## (\S+?)(?:, (\d{4}-\d\d-\d\d))?$`)

// releases returns the sections of a changelog, newest first:
//
//	## 0.2.0
//	## 0.1.0, 2026-11-22
func releases(file string) (all []release, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := string(b)
	places := releaseHeading.FindAllStringSubmatchIndex(text, -1)
	for i, m := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		r := release{version: text[m[2]:m[3]], body: strings.TrimSpace(text[m[1]:end])}
		if m[4] >= 0 {
			r.date = text[m[4]:m[5]]
		}
		if i > 0 && r.date == "" {
			return nil, fmt.Errorf("%s: ## %s: want its date, such as ## %s, 2026-01-31", file, r.version, r.version)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no heading such as ## 1.2.3", file)
	}
	return all, nil
}

// releaseNotes returns the newest section without its heading.
func releaseNotes(file string) (string, error) {
	all, err := releases(file)
	if err != nil {
		return "", err
	}
	return all[0].body + "\n", nil
}

// debianChangelog returns a changelog as Debian wants it
// (https://www.debian.org/doc/debian-policy/ch-source.html#s-dpkgchangelog).
// The newest section is that of this version and date.
func debianChangelog(file, version string, date time.Time) (string, error) {
	all, err := releases(file)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, r := range all {
		of, on := version, date
		if i > 0 {
			if on, err = time.Parse(time.DateOnly, r.date); err != nil {
				return "", fmt.Errorf("%s: ## %s: %w", file, r.version, err)
			}
			of = r.version
		}
		fmt.Fprintf(&b, "sensorpub (%s) stable; urgency=medium\n\n%s\n -- %s  %s\n", of, debianItems(r.body), maintainer, on.Format(time.RFC1123Z))
		if i < len(all)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String(), nil
}

// debianItems turns "- item" into "  * item" and "New:" into "  [ New ]".
func debianItems(body string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(body, "\n\n") {
		for item := range strings.SplitSeq("\n"+strings.TrimSpace(paragraph), "\n- ") {
			switch item = strings.TrimSpace(item); {
			case item == "":
			case strings.HasPrefix(paragraph, "- "):
				b.WriteString(wrap("  * ", item))
			case strings.HasSuffix(item, ":"):
				b.WriteString("  [ " + strings.TrimSuffix(item, ":") + " ]\n")
			default:
				b.WriteString(wrap("  ", item))
			}
		}
	}
	return b.String()
}

// wrap breaks a text into lines that dpkg shows whole, the first after this
// indent, the others below it.
func wrap(indent, text string) string {
	const most = 78
	var b strings.Builder
	line, blank := indent, true
	for _, word := range strings.Fields(text) {
		if !blank && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most {
			b.WriteString(line + "\n")
			line, blank = strings.Repeat(" ", len(indent)), true
		}
		if !blank {
			line += " "
		}
		line, blank = line+word, false
	}
	return b.String() + line + "\n"
}
