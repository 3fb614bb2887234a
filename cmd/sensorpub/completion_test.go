package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

// bashCompletes returns what bash offers for a command line.
func bashCompletes(t *testing.T, line ...string) []string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	script := sensorpub(t, nil, "completion", "bash").stdout + `
COMP_WORDS=(sensorpub "$@")
COMP_CWORD=$#
_sensorpub
printf '%s\n' "${COMPREPLY[@]}"
`
	out, err := exec.Command(bash, append([]string{"-c", script, "bash"}, line...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.Fields(string(out))
}

func TestBashCompletes(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", "")
	for _, c := range []struct {
		name string
		line []string
		want string // in what is offered
		not  string
	}{
		{"commands", []string{""}, "doctor", "--json"},
		{"the beginning of a command", []string{"do"}, "doctor", "drivers"},
		{"flags of a command", []string{"read", "--"}, "--csv", "--yes"},
		{"flags after one with a value", []string{"--config", "x", "read", "--c"}, "--count", "--json"},
		{"a flag that any command has", []string{"run", "--"}, "--config", "--csv"},
		{"files", []string{"check", "--config", file[:len(file)-3]}, file, "--json"},
		{"files after an equals sign", []string{"check", "--config", "=", file[:len(file)-3]}, file, "--json"},
		{"levels after an equals sign", []string{"run", "--log-level", "="}, "warn", "--json"},
		{"flags after one with an equals sign", []string{"--config", "=", "x", "read", "--c"}, "--count", "--json"},
		{"levels", []string{"run", "--log-level", "w"}, "warn", "info"},
		{"drivers", []string{"drivers", "bme"}, "bme280", "bmp280"},
		{"commands to help with", []string{"help", "c"}, "clear", "drivers"},
		{"shells", []string{"completion", ""}, "fish", "clear"},
	} {
		got := bashCompletes(t, c.line...)
		if !slices.Contains(got, c.want) || slices.Contains(got, c.not) {
			t.Errorf("%s: got %q, want %q in it and not %q", c.name, got, c.want, c.not)
		}
	}
}

func TestOtherShellsHaveTheSame(t *testing.T) {
	zsh, fish := sensorpub(t, nil, "completion", "zsh"), sensorpub(t, nil, "completion", "fish")
	for _, want := range []string{
		"#compdef sensorpub\n", "'watch:subscribe and show readings as they arrive'\n",
		"'*--log-level[log at LEVEL and above\\: debug, info, warn or error (default info)]:level:(debug info warn error)'", "drivers) _arguments '*--json[",
	} {
		if !strings.Contains(zsh.stdout, want) {
			t.Errorf("got\n%s\nwant %q for zsh", zsh.stdout, want)
		}
	}
	for _, want := range []string{
		"complete -c sensorpub -n __fish_use_subcommand -a watch -d 'subscribe and show readings as they arrive'\n",
		"complete -c sensorpub -n '__fish_seen_subcommand_from check' -l config -r -F -d ",
		"complete -c sensorpub -n '__fish_seen_subcommand_from watch' -l count -x -d 'end after N messages'\n",
		"-n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n",
	} {
		if !strings.Contains(fish.stdout, want) {
			t.Errorf("got\n%s\nwant %q for fish", fish.stdout, want)
		}
	}
	if got := sensorpub(t, nil, "completion", "csh"); got.code != 2 || !strings.Contains(got.stderr, "want bash, zsh or fish") {
		t.Errorf("got %+v, want exit code 2", got)
	}
}

func TestCompletionsAreThoseOfTheHelp(t *testing.T) {
	for _, c := range completions(t.Context()) {
		help := sensorpub(t, nil, c.name, "--help").stdout
		if n := strings.Count(help, "\n  --") + strings.Count(help, "\n  -c, --") + strings.Count(help, "\n  -h, --"); n != len(c.flags) {
			t.Errorf("%s: got %d flags, want the %d of its help", c.name, len(c.flags), n)
		}
		for _, f := range c.flags {
			if f.name == "" || f.usage == "" || strings.Contains(f.name, " ") || f.value != strings.ToUpper(f.value) {
				t.Errorf("%s: got the flag %+v", c.name, f)
			}
		}
	}
}
