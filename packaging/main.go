// Packaging prints the files of the packages that are made from something else:
// manual pages from the help of the program and from config.toml.example, the
// changelog of Debian from CHANGELOG.md, and what is linked into a binary.
//
// scripts/deb runs it in the top folder. SOURCE_DATE_EPOCH is the date of all it
// prints, so that the same commit gives the same bytes.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

const usage = `usage: packaging man1|man5|copyright BINARY     BINARY runs on this machine
       packaging sbom BINARY VERSION
       packaging changelog VERSION
       packaging notes`

func main() {
	text, err := produce(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
	fmt.Print(text)
}

// produce returns the file that the arguments name.
func produce(args []string) (string, error) {
	date, err := sourceDate(os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return "", err
	}
	args = append(args, "", "", "")
	switch args[0] {
	case "man1":
		return commandPage(runner(args[1]), date)
	case "man5":
		return configPage(runner(args[1]), "config.toml.example", date)
	case "copyright":
		return copyright(runner(args[1]))
	case "sbom":
		return billOfMaterials(args[1], args[2], date)
	case "changelog":
		return debianChangelog("CHANGELOG.md", args[1], date)
	case "notes":
		return releaseNotes("CHANGELOG.md")
	}
	return "", errors.New(usage)
}

// sourceDate parses SOURCE_DATE_EPOCH, in seconds
// (https://reproducible-builds.org/specs/source-date-epoch).
func sourceDate(epoch string) (time.Time, error) {
	n, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH=%q: want seconds, such as git log -1 --format=%%ct prints", epoch)
	}
	return time.Unix(n, 0).UTC(), nil
}

// A run runs sensorpub with some arguments and returns what it prints.
type run func(args ...string) (string, error)

func runner(binary string) run {
	return func(args ...string) (string, error) {
		out, err := exec.Command(binary, args...).Output()
		if err != nil {
			return "", fmt.Errorf("run %s %v: %w", binary, args, err)
		}
		return string(out), nil
	}
}
