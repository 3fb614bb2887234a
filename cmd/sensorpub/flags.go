package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"sensorpub/sensors/drivers/option"
)

// jsonFlag adds --json.
func (e *env) jsonFlag(fs *flag.FlagSet) *bool {
	return fs.Bool("json", false, "print one JSON object a line")
}

// sensorFlag adds --sensor, which may be repeated.
func (e *env) sensorFlag(fs *flag.FlagSet, usage string) *[]string {
	names := new([]string)
	fs.Func("sensor", usage+"; may be repeated", func(name string) error {
		*names = append(*names, name)
		return nil
	})
	return names
}

// checkSensorFlag refuses --sensor "": it is what a script with an unset
// variable passes, and all sensors is not what that script means.
func (e *env) checkSensorFlag(names []string) error {
	if slices.Contains(names, "") {
		return e.misuse(errors.New(`--sensor "": want the name of a sensor, or leave it out for all`))
	}
	return nil
}

// flagError words an error of package flag, with the flag as it was typed. It is
// the last of the arguments that were taken, or the one before its value.
func flagError(fs *flag.FlagSet, err error, taken []string) error {
	text := err.Error()
	if strings.HasPrefix(text, "bad flag syntax: ") || len(taken) == 0 {
		return err // as it was typed, and not taken
	}
	typed := taken[len(taken)-1]
	switch {
	case strings.HasPrefix(text, "flag provided but not defined: "):
		typed, _, _ = strings.Cut(typed, "=")
		return unknownFlag(fs, typed)
	case strings.HasPrefix(text, "flag needs an argument: "):
		return fmt.Errorf("flag needs an argument: %s", typed)
	case strings.HasPrefix(text, "invalid "):
		name, value, joined := strings.Cut(typed, "=")
		if !joined || fs.Lookup(strings.TrimLeft(name, "-")) == nil {
			name, value = taken[max(0, len(taken)-2)], typed
		}
		flagName := strings.TrimLeft(name, "-")
		_, cause, _ := strings.Cut(text[max(strings.LastIndex(text, " for flag -"+flagName), strings.LastIndex(text, " for -"+flagName)):], ": ")
		switch {
		case strings.HasPrefix(text, "invalid boolean value "):
			cause = "want true or false"
		case cause == "parse error", cause == "value out of range":
			cause = "want a whole number"
		}
		return fmt.Errorf("invalid value %q for flag %s: %s", value, name, cause)
	}
	return err
}

// unknownFlag says which flag may be meant.
func unknownFlag(fs *flag.FlagSet, typed string) error {
	var names []string
	fs.VisitAll(func(f *flag.Flag) {
		if len(f.Name) > 1 {
			names = append(names, f.Name)
		}
	})
	if n := option.Nearest(strings.TrimLeft(typed, "-"), names); n != "" {
		return fmt.Errorf("unknown flag %s, did you mean --%s?", typed, n)
	}
	return fmt.Errorf("unknown flag %s", typed)
}

// isConfigFile reports whether an argument seems to be a configuration.
func isConfigFile(arg string) bool {
	if strings.HasSuffix(arg, ".toml") {
		return true
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular()
}

// shellWord quotes an argument for a shell where that is needed.
func shellWord(arg string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,"
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
