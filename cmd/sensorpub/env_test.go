package main

import (
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestHelp(t *testing.T) {
	const usage = `Sensorpub reads temperature probes and publishes what they measure over MQTT.

usage: sensorpub [COMMAND] [flags]

commands:
  run        run the daemon in the foreground (the default)
  check      check the configuration, open nothing
  read       read the configured sensors and print what they measure
  scan       find the buses, chips and probes of this machine
  doctor     check configuration, machine, sensors and broker, and say what to do
  watch      subscribe and show readings as they arrive
  clear      delete the retained messages of this configuration
  drivers    list the drivers, or show one with its options and wiring
  init       scan this machine and write a configuration for what it finds
  explain    ask the running daemon what happened to the last values for a topic
  completion print the completions of bash, zsh or fish
  version    print version, commit, Go version and platform
  help       show how to use sensorpub or one of its commands

sensorpub COMMAND --help shows the flags of a command.
`
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"--log-level", "debug", "-h"}} {
		got := sensorpub(t, nil, args...)
		if want := (result{0, usage, ""}); got != want {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
	const checkUsage = `check: check the configuration, open nothing

` + checkDetail + `

usage: sensorpub check [flags]

flags:
  -c, --config FILE    read the configuration from FILE (default /etc/sensorpub/config.toml)
  --discovery          print what is announced to Home Assistant, and send nothing
  --json               print one JSON object a line
  --log-level LEVEL    log at LEVEL and above: debug, info, warn or error (default info)
  -h, --help           show this help
`
	for _, args := range [][]string{{"help", "check"}, {"check", "-h"}, {"check", "--help"}} {
		got := sensorpub(t, nil, args...)
		if want := (result{0, checkUsage, ""}); got != want {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	for _, c := range commands() {
		for _, flag := range []string{"-h", "--help"} {
			got := sensorpub(t, nil, c.name, flag)
			if got.code != 0 || got.stderr != "" || !strings.Contains(got.stdout, "\nusage: sensorpub "+c.name+" ") {
				t.Errorf("%s %s: got %+v, want its usage on stdout and exit code 0", c.name, flag, got)
			}
		}
	}
}

func TestWrongCommandLine(t *testing.T) {
	const seeHelp = "hint: sensorpub help lists the commands\n"
	for _, c := range []struct {
		args string
		want string
	}{
		{"chek", "sensorpub: parse arguments: unknown command \"chek\", did you mean \"check\"?\n" + seeHelp},
		{"Check", "sensorpub: parse arguments: unknown command \"Check\", did you mean \"check\"?\n" + seeHelp},
		{"scandalous", "sensorpub: parse arguments: unknown command \"scandalous\"\n" + seeHelp},
		{"help chek", "sensorpub: parse arguments: unknown command \"chek\", did you mean \"check\"?\n" + seeHelp},
		{"--confg f", "sensorpub: parse arguments: unknown flag --confg, did you mean --config?\n" + seeHelp},
		{"--config", "sensorpub: parse arguments: flag needs an argument: --config\n" + seeHelp},
		{
			"--log-level loud", "sensorpub: parse arguments: invalid value \"loud\" for flag --log-level: " +
				"want debug, info, warn or error\n" + seeHelp,
		},
		{
			"read --jsno", "sensorpub: parse arguments of read: unknown flag --jsno, did you mean --json?\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read --zzzzzz", "sensorpub: parse arguments of read: unknown flag --zzzzzz\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read --count 0", "sensorpub: parse arguments of read: --count 0: want 1 or more\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"watch --count 0", "sensorpub: parse arguments of watch: --count 0: want 1 or more\n" +
				"hint: sensorpub watch --help shows its flags\n",
		},
		{
			"watch --topic=", "sensorpub: parse arguments of watch: invalid value \"\" for flag --topic: " +
				"want a topic filter of 1 to 65535 bytes in UTF-8, without NUL\n" +
				"hint: sensorpub watch --help shows its flags\n",
		},
		{
			"watch --topic # --topic a/#/b", "sensorpub: parse arguments of watch: invalid value \"a/#/b\" for flag --topic: " +
				"want # in the last level only, such as a/#\n" +
				"hint: sensorpub watch --help shows its flags\n",
		},
		{
			"clear --yes --sensor=", "sensorpub: parse arguments of clear: --sensor \"\": want the name of a sensor, or leave it out for all\n" +
				"hint: sensorpub clear --help shows its flags\n",
		},
		{
			"read --sensor=", "sensorpub: parse arguments of read: --sensor \"\": want the name of a sensor, or leave it out for all\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read -jsno", "sensorpub: parse arguments of read: unknown flag -jsno, did you mean --json?\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read --jsno=yes", "sensorpub: parse arguments of read: unknown flag --jsno, did you mean --json?\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read -count many", "sensorpub: parse arguments of read: invalid value \"many\" for flag -count: want a whole number\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read --count=-x", "sensorpub: parse arguments of read: invalid value \"-x\" for flag --count: want a whole number\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"read --json=perhaps", "sensorpub: parse arguments of read: invalid value \"perhaps\" for flag --json: want true or false\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"--config= clear --yes", "sensorpub: parse arguments: --config \"\": want the name of a file, " +
				"or leave it out for /etc/sensorpub/config.toml\n" + seeHelp,
		},
		{
			"init -c=", "sensorpub: parse arguments of init: --config \"\": want the name of a file, " +
				"or leave it out for /etc/sensorpub/config.toml\n" +
				"hint: sensorpub init --help shows its flags\n",
		},
		{"-c", "sensorpub: parse arguments: flag needs an argument: -c\n" + seeHelp},
		{"---x", "sensorpub: parse arguments: bad flag syntax: ---x\n" + seeHelp},
		{
			"check /no/such/garden.toml", "sensorpub: parse arguments of check: unexpected argument \"/no/such/garden.toml\"\n" +
				"hint: sensorpub check --config /no/such/garden.toml reads that file\n",
		},
		{
			"it's.toml", "sensorpub: parse arguments: unknown command \"it's.toml\"\n" +
				"hint: sensorpub --config 'it'\\''s.toml' runs the daemon with that file\n",
		},
		{
			"clear --topic a/+", "sensorpub: parse arguments of clear: invalid value \"a/+\" for flag --topic: " +
				"want a topic without + and #, because each topic is deleted on its own\n" +
				"hint: sensorpub clear --help shows its flags\n",
		},
		{
			"run --config /no/such", "sensorpub: read /no/such: no such file or directory\n" +
				"hint: --config FILE names another file, config.toml.example shows what to write\n",
		},
		{
			"read --json --csv", "sensorpub: parse arguments of read: use --json or --csv, not both\n" +
				"hint: sensorpub read --help shows its flags\n",
		},
		{
			"check outside --config f", "sensorpub: parse arguments of check: unexpected argument \"outside\"\n" +
				"hint: sensorpub check --help shows its flags\n",
		},
		{
			"version --config f", "sensorpub: parse arguments of version: unknown flag --config\n" +
				"hint: sensorpub version --help shows its flags\n",
		},
		{
			"drivers mock -- -h", "sensorpub: parse arguments of drivers: unexpected argument \"-h\"\n" +
				"hint: sensorpub drivers --help shows its flags\n",
		},
		{
			"drivers moc", "sensorpub: show driver \"moc\": no such driver, did you mean \"mock\"?\n" +
				"hint: sensorpub drivers lists the drivers\n",
		},
		{
			"--config /no/such check", "sensorpub: read /no/such: no such file or directory\n" +
				"hint: --config FILE names another file, config.toml.example shows what to write\n",
		},
		{
			"check --config /", "sensorpub: read /: is a directory\n" +
				"hint: --config FILE names another file, config.toml.example shows what to write\n",
		},
	} {
		got := sensorpub(t, nil, strings.Fields(c.args)...)
		if want := (result{2, "", c.want}); got != want {
			t.Errorf("%q: got %+v, want %+v", c.args, got, want)
		}
	}
}

func TestConfigFlagBeforeAndAfterTheCommand(t *testing.T) {
	file := fixture.WriteFile(t, "config.toml", fixture.OneSensor)
	want := sensorpub(t, nil, "check", "--config", file)
	if want.code != 0 {
		t.Fatalf("got %+v, want exit code 0", want)
	}
	for _, args := range [][]string{
		{"--config", file, "check"},
		{"-config=" + file, "check"},
		{"-c", file, "check"},
		{"check", "-c", file},
		{"--config", "/no/such", "check", "--config", file},
	} {
		if got := sensorpub(t, nil, args...); got != want {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
}
