package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTextOfAPage(t *testing.T) {
	degrees := strings.TrimSpace(strings.Repeat("1° ", 9))
	for _, tt := range []struct{ name, text, want string }{
		{"each sentence has its line", "One. Two is\nlonger. Three", "One.\nTwo is longer.\nThree\n"},
		{"a dot or a quote that begins a line is not a macro", ".toml files. 'tis", "\\&.toml files.\n\\&'tis\n"},
		{"a backslash stays one", `a\b`, "a\\eb\n"},
		{"a character beyond ASCII counts as its escape", degrees, degrees[:7*4-1] + "\n1° 1°\n"},
		{"nothing", " ", ""},
	} {
		p := new(page)
		if p.text(tt.text); p.String() != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, p.String(), tt.want)
		}
	}
}

const helpOfRead = `read: read the sensors

Needs no broker.
bash: sensorpub read > file

usage: sensorpub read [flags] [NAME]

flags:
  -c, --config FILE    read the configuration from FILE (default /etc/sensorpub/config.toml)
  --very-long-name NUMBER what it does
  -h, --help           show this help
`

const sectionOfRead = `.Ss read Op Ar NAME
Read the sensors.
.Pp
Needs no broker.
.Dl "bash: sensorpub read > file"
.Bl -tag -width Ds -compact -offset indent
.It Fl c , Fl -config Ar FILE
read the configuration from FILE (default /etc/sensorpub/config.toml)
.It Fl -very-long-name Ar NUMBER
what it does
.El
`

func TestSectionOfACommand(t *testing.T) {
	p := new(page)
	if err := p.command("read", helpOfRead); err != nil || p.String() != sectionOfRead {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, p.String(), sectionOfRead)
	}
	if err := p.command("read", "read: read the sensors\n"); err == nil {
		t.Error("a help without usage: got no error")
	}
}

func TestEachCommandHasItsSection(t *testing.T) {
	t.Chdir("..") // the tables are in docs
	asked := ""
	sensorpub := func(args ...string) (string, error) {
		if len(args) == 1 {
			return "About.\n\nusage: sensorpub\n\ncommands:\n  read       read the sensors\n  scan       find\n\nMore.\n", nil
		}
		asked += " " + args[1]
		return strings.ReplaceAll(helpOfRead, "read: ", args[1]+": "), nil
	}
	got, err := commandPage(sensorpub, time.Unix(0, 0).UTC())
	if err != nil || asked != " read scan" {
		t.Fatalf("got error %v, help of%s, want that of read scan", err, asked)
	}
	for _, want := range []string{".Dd \"January 1, 1970\"\n", ".It CREDENTIALS_DIRECTORY\n", ".Sh \"EXIT STATUS\"\n", ".It 2\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("got no %q in\n%s", want, got)
		}
	}
	broken := errors.New("broken")
	if _, err := commandPage(func(...string) (string, error) { return "", broken }, time.Time{}); !errors.Is(err, broken) {
		t.Errorf("got error %v, want that of the program", err)
	}
}

const example = `# Every key. They
# have defaults.
#
# Durations have a unit.

# The name.
node = ""

# About it.
[broker]
# Several are
# tried.
urls = ["mqtt://localhost:1883"]
client_id = ""

# For each probe.
[[sensor]]
# topic = "x"

# The drivers, with their options and defaults.
`

const keysOfExample = `Every key.
They have defaults.
Durations have a unit.
.Bl -tag -width Ds
.It Li "node = \(dq\(dq"
The name.
.El
.Ss [broker]\&
About it.
.Bl -tag -width Ds
.It Li "urls = [\(dqmqtt://localhost:1883\(dq]"
Several are tried.
.It Li "client_id = \(dq\(dq"
.El
.Ss [[sensor]]\&
For each probe.
.Bl -tag -width Ds
.It Li "topic = \(dqx\(dq"
.El
`

func TestKeysOfTheExample(t *testing.T) {
	p := new(page)
	if err := p.keys(example); err != nil || p.String() != keysOfExample {
		t.Errorf("got error %v and\n%s\nwant\n%s", err, p.String(), keysOfExample)
	}
	if err := new(page).keys(strings.Replace(example, "node = ", "node: ", 1)); err == nil {
		t.Error("a line that is not TOML: got no error")
	}
}

func TestDriversOfThePage(t *testing.T) {
	list := `{"driver":"lm75","summary":"precise","accuracy":"±2 °C","wiring":"none","options":[{"option":"bus","kind":"string","default":"\"1\"","doc":"the bus"}]}` + "\n"
	example := filepath.Join(t.TempDir(), "example")
	if err := os.WriteFile(example, []byte(driversHead), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := configPage(func(...string) (string, error) { return list, nil }, example, time.Unix(0, 0))
	want := ".Ss lm75\nPrecise.\nAccuracy: ±2 °C.\nWiring: None.\n.Bl -tag -width Ds\n.It Li bus\nString, default \"1\".\nThe bus.\n.El\n"
	if err != nil || !strings.Contains(got, want) {
		t.Errorf("got error %v and\n%s\nwant in it\n%s", err, got, want)
	}
}
