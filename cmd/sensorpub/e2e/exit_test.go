package e2e

import (
	"strings"
	"testing"
)

func countLines(text, with string) (n int) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, with) {
			n++
		}
	}
	return n
}

func TestExitCodesOfTheProgram(t *testing.T) {
	t.Parallel()
	nowhere := brokerConfig("mqtt://" + freeAddr(t))
	good := configFile(t, nowhere+once("outside", 28.4))
	failing := configFile(t, nowhere+once("outside", 28.4)+sensor("cellar", `options = { script = "unplug" }`))
	bad := configFile(t, nowhere+once("outside", 28.4)+`intervall = "1s"`)
	noPassword := configFile(t, nowhere+"username = \"u\"\npassword_file = \"/nonexistent\"\n"+once("outside", 28.4))
	noCA := configFile(t, brokerConfig("mqtts://"+freeAddr(t))+"[broker.tls]\nca_file = \"/nonexistent\"\n"+once("outside", 28.4))
	for _, c := range []struct {
		args   string
		code   int
		stdout string // its prefix; "-": empty
		stderr string // its prefix; "-": empty
	}{
		{"version", 0, "sensorpub ", "-"},
		{"help", 0, "Sensorpub reads", "-"},
		{"--help", 0, "Sensorpub reads", "-"},
		{"run --help", 0, "run: ", "-"},
		{"drivers", 0, "", "-"},
		{"drivers mock", 0, "", "-"},
		{"drivers nosuch", 2, "-", "sensorpub: "},
		{"check --config " + good, 0, "", "-"},
		{"read --config " + good, 0, "outside  temperature  28.4 °C\n", "-"},
		{"read --config " + failing, 1, "outside  temperature  28.4 °C\n", "sensorpub: read cellar: "},
		{"read --config " + failing + " --sensor outside", 0, "outside  temperature  28.4 °C\n", "-"},
		{"read --config " + good + " --sensor nosuch", 2, "-", "sensorpub: find sensor "},
		{"read --config " + good + " --json --csv", 2, "-", "sensorpub: parse arguments of read: "},
		{"clear --yes --config " + good, 1, "-", "sensorpub: connect to mqtt://"},
		{"nosuch", 2, "-", `sensorpub: parse arguments: unknown command "nosuch"`},
		{"--nosuch", 2, "-", "sensorpub: parse arguments: unknown flag --nosuch"},
		{"run extra", 2, "-", "sensorpub: parse arguments of run: "},
		{"run --log-level loud", 2, "-", "sensorpub: parse arguments of run: "},
		{"run --config /nonexistent", 2, "-", "sensorpub: read /nonexistent: no such file or directory\nhint: "},
		{"run --config " + bad, 2, "-", "sensorpub: "},
		{"--config " + bad, 2, "-", "sensorpub: "},
		{"check --config " + bad, 2, "-", "sensorpub: "},
		{"read --config " + bad, 2, "-", "sensorpub: "},
		{"watch --config " + bad, 2, "-", "sensorpub: "},
		{"clear --yes --config " + bad, 2, "-", "sensorpub: "},
		{"run --config " + noPassword, 2, "-", "sensorpub: read password file /nonexistent: "},
		{"run --config " + noCA, 2, "-", "sensorpub: read broker.tls.ca_file "},
	} {
		name, _, _ := strings.Cut(c.args, "/")
		t.Run(strings.ReplaceAll(name, " ", "_")+"is_"+string(rune('0'+c.code)), func(t *testing.T) {
			t.Parallel()
			got := invoke(t, "", strings.Fields(c.args)...)
			if got.code != c.code || !begins(got.stdout, c.stdout) || !begins(got.stderr, c.stderr) {
				t.Errorf("got %+v, want exit code %d, %q and %q", got, c.code, c.stdout, c.stderr)
			}
		})
	}
}

func begins(text, prefix string) bool {
	if prefix == "-" {
		return text == ""
	}
	return text != "" && strings.HasPrefix(text, prefix)
}
