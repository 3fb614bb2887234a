package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sensorpub/cmd/sensorpub/config"
)

const defaultConfig = "/etc/sensorpub/config.toml"

// An env is everything a command sees of the process around it.
type env struct {
	stdin  io.Reader
	stdout io.Writer // results and nothing else
	stderr io.Writer

	superuser bool     // the user is root: hints leave out sudo
	args      []string // after parse: the positional arguments
	config.Environment

	command command    // the one that is running; zero until its name has been parsed
	file    string     // --config
	level   slog.Level // --log-level
}

// bareFlags returns a flag set that has only --help.
func (e *env) bareFlags() *flag.FlagSet {
	fs := flag.NewFlagSet(e.command.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	return fs
}

// flags returns a flag set with --config and --log-level, to which a command
// adds its own.
func (e *env) flags() *flag.FlagSet {
	fs := e.bareFlags()
	if e.file == "" {
		e.file = defaultConfig
	}
	fs.StringVar(&e.file, "config", e.file, "read the configuration from `FILE`")
	fs.StringVar(&e.file, "c", e.file, "")
	fs.Func("log-level", "log at `LEVEL` and above: debug, info, warn or error (default info)", func(s string) error {
		levels := map[string]slog.Level{
			"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
		}
		level, ok := levels[s]
		if !ok {
			return errors.New("want debug, info, warn or error")
		}
		e.level = level
		return nil
	})
	return fs
}

// parse parses the command's flags, which may come before and after positional
// arguments, and leaves at most max of these in e.args. The command returns any
// error as it is, including the one for --help.
func (e *env) parse(fs *flag.FlagSet, max int) error {
	var positional []string
	rest := e.args
	for len(rest) > 0 {
		if err := e.parseFlags(fs, rest); err != nil {
			return err
		}
		n := len(rest) - fs.NArg()
		ended := n > 0 && rest[n-1] == "--"
		rest = rest[n:]
		if ended {
			positional = append(positional, rest...)
			break
		}
		if len(rest) > 0 {
			positional = append(positional, rest[0])
			rest = rest[1:]
		}
	}
	if len(positional) > max {
		err := fmt.Errorf("unexpected argument %q", positional[max])
		if fs.Lookup("config") != nil && isConfigFile(positional[max]) {
			return wrong(fmt.Errorf("parse arguments of %s: %w", e.command.name, err),
				fmt.Sprintf("sensorpub %s --config %s reads that file", e.command.name, shellWord(positional[max])))
		}
		return e.misuse(err)
	}
	e.args = positional
	return nil
}

// given reports whether a flag was given on the command line, even if set to
// its default.
func given(fs *flag.FlagSet, name string) (found bool) {
	fs.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// errHelp means that help was asked for and printed.
var errHelp = errors.New("help was shown")

// parseFlags parses flags up to the first argument that is not a flag.
func (e *env) parseFlags(fs *flag.FlagSet, args []string) error {
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		e.printHelp(fs)
		return errHelp
	}
	switch {
	case err != nil:
		return e.misuse(flagError(fs, err, args[:len(args)-fs.NArg()]))
	case fs.Lookup("config") != nil && e.file == "": // of a script with an unset variable, which does not mean the default
		return e.misuse(errors.New(`--config "": want the name of a file, or leave it out for ` + defaultConfig))
	}
	return nil
}

// misuse returns an error about the command line.
func (e *env) misuse(err error) error {
	if e.command.name == "" {
		return wrong(fmt.Errorf("parse arguments: %w", err), "sensorpub help lists the commands")
	}
	hint := fmt.Sprintf("sensorpub %s --help shows its flags", e.command.name)
	return wrong(fmt.Errorf("parse arguments of %s: %w", e.command.name, err), hint)
}

// printHelp prints the help of the command, or of the program, to stdout.
func (e *env) printHelp(fs *flag.FlagSet) {
	c := e.command
	if c.name == "" {
		printUsage(e.stdout)
		return
	}
	fmt.Fprintf(e.stdout, "%s: %s\n", c.name, c.summary)
	if c.detail != "" {
		fmt.Fprintf(e.stdout, "\n%s\n", c.detail)
	}
	usage := strings.TrimRight("sensorpub "+c.name+" [flags] "+c.args, " ")
	fmt.Fprintf(e.stdout, "\nusage: %s\n\nflags:\n", usage)
	fs.VisitAll(func(f *flag.Flag) {
		if f.Usage == "" { // a short form
			return
		}
		value, doc := flag.UnquoteUsage(f)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			doc += " (default " + f.DefValue + ")"
		}
		name := "--" + f.Name
		if f.Name == "config" {
			name = "-c, " + name
		}
		fmt.Fprintf(e.stdout, "  %-20s %s\n", strings.TrimRight(name+" "+value, " "), doc)
	})
	fmt.Fprintf(e.stdout, "  %-20s %s\n", "-h, --help", "show this help")
}

// load reads the configuration and fills in what depends on this machine.
func (e *env) load(ctx context.Context) (*config.Config, error) {
	c, err := e.Load(ctx, e.file)
	return c, wrongConfig(err)
}

// wrongConfig adds exit code and hint to an error of the configuration.
func wrongConfig(err error) error {
	if err == nil {
		return nil
	}
	if h := config.Hint(err); h != "" {
		return wrong(err, h)
	}
	return wrong(err)
}
