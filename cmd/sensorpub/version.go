package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Set by the linker: -X main.version=1.2.3 -X main.commit=0123abc.
var (
	version = "dev"
	commit  = ""
)

// printVersion prints one line, or the licences.
func printVersion(_ context.Context, e *env) error {
	fs := e.bareFlags()
	licences := fs.Bool("licenses", false, "print the licences of everything that is linked into this program")
	if err := e.parse(fs, 0); err != nil {
		return err
	}
	if *licences {
		return writeLicences(e.stdout)
	}
	return showVersion(e)
}

func showVersion(e *env) error {
	fmt.Fprintf(e.stdout, "sensorpub %s, commit %s, %s, %s/%s\n",
		version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// revision returns the commit of the build, from the linker or as recorded by
// the go command.
func revision() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev, modified := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " with changes"
		}
	}
	return rev + modified
}
