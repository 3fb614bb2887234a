package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/cmd/sensorpub/terminal"

	"sensorpub/publisher/mqtt/mqtttest"
)

// hostile moves the cursor, sets the title of the window, turns the direction
// of writing, and begins a line that is not ours.
const hostile = "evil\x1b]0;PWNED\x07\x1b[2J\u202e\u009b31m\r\nFORGED line"

// checkPlain checks that nothing acts on a terminal and no line is forged.
func checkPlain(t *testing.T, what, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		text := strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(text, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) || strings.HasPrefix(strings.TrimSpace(text), "FORGED") {
			t.Errorf("%s: got the line %q", what, line)
		}
	}
}

// hostileMachine is one whose chips, drivers and probes call themselves what
// they like.
func hostileMachine(t *testing.T) string {
	root := fixture.Desk(t, map[string]string{
		"sys/class/hwmon/hwmon1/name":                   hostile + "\n",
		"sys/class/hwmon/hwmon1/temp1_input":            "21000\n",
		"sys/class/hwmon/hwmon1/temp1_label":            hostile + "\n",
		"sys/class/hwmon/hwmon2/name":                   "lm75\n",
		"sys/class/hwmon/hwmon2/temp1_input":            hostile,
		"sys/class/thermal/thermal_zone1/type":          hostile + "\n",
		"sys/class/thermal/thermal_zone1/temp":          "40000\n",
		"sys/bus/iio/devices/iio:device1/name":          hostile + "\n",
		"sys/bus/iio/devices/iio:device1/in_temp_input": "21000\n",
		"sys/bus/w1/devices/28-0316a279aaaa/w1_slave":   hostile + " : crc=00 YES\nt=21000\n",
		"reading": hostile,
	})
	if err := os.MkdirAll(filepath.Join(root, "sys/bus/w1/devices/28-"+hostile), 0o700); err != nil {
		t.Fatal(err)
	}
	return root
}

// hostileBroker retains messages of strangers under TLS, with a certificate
// that bears any name.
func hostileBroker(t *testing.T) (b *mqtttest.Broker, ca string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: hostile}, DNSNames: []string{hostile, "FORGED"},
		NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		// A name with other characters than ASCII has to be somewhere else.
		cert.DNSNames = []string{"evil\x1b[2J\r\nFORGED"}
		if der, err = x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key); err != nil {
			t.Fatal(err)
		}
	}
	b = &mqtttest.Broker{TLS: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}}
	b.Start(t)
	ca = fixture.WriteFile(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return b, ca
}

// TestNothingFromOutsideActsOnTheTerminal runs each command where everything that
// it shows comes from a stranger.
func TestNothingFromOutsideActsOnTheTerminal(t *testing.T) {
	root := hostileMachine(t)
	plain := mqtttest.Start(t)
	for _, m := range []mqtttest.Message{
		{Topic: "a" + hostile, Payload: []byte("21.5")},
		{Topic: "b", Payload: []byte(hostile)},
		{Topic: "c", Payload: fmt.Appendf(nil, `{"value":1,"unit":%q}`, "C\x1b[2J\nFORGED")},
		{Topic: "d\xff\xfe", Payload: []byte("1")},
		{Topic: "sensorpub/garden-pi/status", Payload: []byte("offline " + hostile)},
	} {
		m.Retain = true
		plain.Publish(m)
	}
	strange, ca := hostileBroker(t)
	config := func(url, rest string) string {
		return fixture.WriteFile(t, "config.toml", fmt.Sprintf("[broker]\nurls = [%q]\n%s", url, rest))
	}
	sensors := fmt.Sprintf(`
[[sensor]]
name = "pond"
driver = "ds18b20"
options = { id = "28-0316a279aaaa" }
[[sensor]]
name = "label"
driver = "hwmon"
options = { chip = "lm75" }
[[sensor]]
name = "file"
driver = "file"
options = { path = %q }
[[sensor]]
name = "command"
driver = "exec"
options = { command = ["/bin/cat", %q] }
[[sensor]]
name = "failing"
driver = "exec"
options = { command = ["/bin/sh", "-c", 'cat %s >&2; exit 1'] }
`, filepath.Join(root, "reading"), filepath.Join(root, "reading"), filepath.Join(root, "reading"))
	good := config(plain.URL(), sensors)
	wrong := config("mqtt://h", "\"no\\u001b\\nFORGED\" = 1\nnode = \"a\\u001b[2J\\r\\nFORGED\"\n"+strings.Replace(fixture.OneSensor, "outside", `out\u202eside\u001b\nFORGED`, 1))
	announced := config(plain.URL(), "[homeassistant]\ndiscovery = true\n"+strings.Replace(fixture.OneSensor, `outside"`, `out\u202eside"
area = "\u202earea\u200f"
identity = "\u202eidentity\u2028"`, 1))
	unknown := config(strange.URL(), "[broker.tls]\nca_file = "+fmt.Sprintf("%q", ca)+"\n"+fixture.OneSensor)
	text := string(terminal.JSON(hostile))
	answer := fmt.Sprintf(`{"topic":%s,"sensor":%s,"quantity":%s,"status":%s,"error":%s,"cause":%s,"decisions":[{"decision":"rejected","seq":1,"value":1,"unit":%s,"reason":%s,"detail":%s},{"decision":%s}]}`,
		text, text, text, text, text, text, text, text, text, text)
	page := config(plain.URL(), "[http]\nlisten = \""+askedAt(t, "", answer)+"\"\n"+fixture.OneSensor)
	covered := make(map[string]bool)
	for _, args := range [][]string{
		{"scan"},
		{"scan", "--toml"},
		{"scan", "--json"},
		{"read", "--config", good},
		{"read", "--json", "--config", good},
		{"read", "--csv", "--config", good},
		{"read", "--sensor", hostile, "--config", good},
		{"watch", "--topic", "#", "--count", "5", "--config", good},
		{"watch", "--topic", "#", "--count", "5", "--json", "--config", good},
		{"watch", "--topic", "a/#/" + hostile, "--config", good},
		{"clear", "--yes", "--topic", "a" + hostile, "--config", good},
		{"clear", "--topic", "a" + hostile, "--config", good},
		{"clear", "--yes", "--config", unknown},
		{"check", "--config", wrong},
		{"check", "--json", "--config", wrong},
		{"check", "--config", announced},
		{"check", "--discovery", "--config", announced},
		{"check", "--discovery", "--json", "--config", announced},
		{"check", hostile},
		{"run", "--config", wrong},
		{"run", "--" + hostile},
		{"run", "--config", "/no/" + hostile},
		{"doctor", "--reads", "1", "--config", wrong},
		{"doctor", "--reads", "1", "--config", unknown},
		{"doctor", "--reads", "1", "--json", "--config", unknown},
		{"drivers", hostile},
		{"drivers", "--json", "DHT22" + hostile},
		{"version", hostile},
		{"init", "--force", "--config", filepath.Join(t.TempDir(), "config.toml")},
		{"init", "--config", "/proc/" + hostile + "/x"},
		{"explain", hostile, "--config", page},
		{"explain", "temperature/outside", "--config", page},
		{"completion", hostile},
		{"help", hostile},
		{hostile},
	} {
		got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": root}, args...)
		what := fmt.Sprintf("%.60q", args)
		checkPlain(t, what, got.stdout)
		checkPlain(t, what, got.stderr)
		if got.stdout+got.stderr == "" {
			t.Errorf("%s: got nothing printed", what)
		}
		covered[args[0]] = true
	}
	for _, c := range commands() {
		if !covered[c.name] {
			t.Errorf("%s is not tried with hostile input: add it to the table", c.name)
		}
	}
}

func TestDoctorQuotesTheStatusOfAStranger(t *testing.T) {
	if testing.Short() {
		t.Skip("listens for three seconds")
	}
	b := mqtttest.Start(t)
	b.Publish(mqtttest.Message{Topic: "sensorpub/garden-pi/status", Payload: []byte(hostile), Retain: true})
	file := fixture.WriteFile(t, "config.toml", fmt.Sprintf("[broker]\nurls = [%q]\n", b.URL())+fixture.OneSensor)
	got := sensorpub(t, map[string]string{"SENSORPUB_ROOT": t.TempDir()}, "doctor", "--reads", "1", "--config", file)
	checkPlain(t, "doctor", got.stdout)
	if !strings.Contains(got.stdout, "client id") {
		t.Errorf("got\n%s\nwant the status looked at", got.stdout)
	}
}

func TestLogOfHostileText(t *testing.T) {
	var b strings.Builder
	e := testEnv(nil)
	e.stderr = &b
	log := e.logger().With("a"+hostile, hostile).WithGroup(hostile)
	log.Info(hostile, "cause", fmt.Errorf("x: %s", hostile), slog.Group("g", hostile, hostile))
	checkPlain(t, "log", b.String())
	if strings.Count(b.String(), "\n") != 1 {
		t.Errorf("got %q, want one line", b.String())
	}
}
