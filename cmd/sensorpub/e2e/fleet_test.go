package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
)

// fleetConfig writes a configuration and its conf.d, for all machines of a fleet.
func fleetConfig(t *testing.T, m *mosquitto, node string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	probe := func(name, id string) string {
		return "[[sensor]]\nname = \"" + name + "\"\ndriver = \"ds18b20\"\ninterval = \"1s\"\noptional = true\noptions = { id = \"" + id + "\" }\n"
	}
	for name, text := range map[string]string{
		"config.toml": "node = \"" + node + "\"\n[broker]\nurls = [\"" + m.tcp() + "\"]\n" +
			"[publish]\ntopic = \"{node}/{quantity}/{sensor}\"\n[homeassistant]\ndiscovery = true\n",
		"conf.d/probes.toml": probe("pond", "28-0316a2794fff") + probe("cellar", "28-0316a279aaaa"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "config.toml")
}

// A member is a machine of a fleet: a root of its own and what systemd provides.
type member struct {
	env   []string
	state string
}

// newMember returns a machine with one probe.
func newMember(t *testing.T, id, serial, probe string) member {
	t.Helper()
	root := fixture.Machine(t, map[string]string{
		"etc/machine-id": id + "\n", "sys/firmware/devicetree/base/serial-number": serial + "\x00",
		"sys/bus/w1/devices/w1_bus_master1/uevent": "", "sys/bus/w1/devices/" + probe + "/w1_slave": fixture.GoodPad,
	})
	state := t.TempDir()
	return member{[]string{"SENSORPUB_ROOT=" + root, "STATE_DIRECTORY=" + state, "RUNTIME_DIRECTORY=" + t.TempDir()}, state}
}

func (m member) start(t *testing.T, config string) *process {
	t.Helper()
	return start(t, prepare(t, m.env, "run", "--config", config))
}

// awaitReport waits for what the node says about itself on a new connection, and
// returns the topics so far.
func (c *client) awaitReport(machines int) map[string]string {
	c.tb.Helper()
	got := make(map[string]string)
	for reports := make(map[string]bool); len(reports) < machines; {
		m := c.next()
		got[m.topic] = m.payload
		if strings.HasSuffix(m.topic, "/diagnostics") && !m.retain && !strings.Contains(m.payload, `"last_reading":{}`) {
			_, machine, _ := strings.Cut(m.payload, `"machine":"`)
			reports[machine[:12]] = true
		}
	}
	return got
}

// One configuration lists the probes of two machines, each of which has one.
func TestOneConfigurationServesTheFleet(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	c := dialClient(t, m.addr).subscribe("#")
	config := fleetConfig(t, m, "pi-{machine_id}")
	one := newMember(t, "0123", "10000000abcdef", "28-0316a2794fff").start(t, config)
	two := newMember(t, "4567", "10000000abcdee", "28-0316a279aaaa").start(t, config)
	got := c.awaitReport(2)

	// printf '0123\n10000000abcdef\n' | sha256sum | cut -c-12, and of the other
	const nodeOne, nodeTwo = "pi-15f91aaa4459", "pi-59e189ea892f"
	for topic, want := range map[string]string{
		nodeOne + "/temperature/pond":             "23.12",
		nodeTwo + "/temperature/cellar":           "23.12",
		nodeOne + "/temperature/cellar":           "",
		nodeTwo + "/temperature/pond":             "",
		"sensorpub/" + nodeOne + "/status":        "online",
		"sensorpub/" + nodeTwo + "/status":        "online",
		"sensorpub/" + nodeOne + "/pond/status":   "online",
		"sensorpub/" + nodeTwo + "/cellar/status": "online",
		"sensorpub/" + nodeOne + "/cellar/status": "",
		"sensorpub/" + nodeTwo + "/pond/status":   "",
	} {
		if payload := got[topic]; payload != want {
			t.Errorf("%s: got %q, want %q", topic, payload, want)
		}
	}
	for node, other := range map[string]string{nodeOne: "cellar", nodeTwo: "pond"} {
		if announced := got["homeassistant/device/sensorpub_"+node+"/config"]; announced == "" || strings.Contains(announced, other) {
			t.Errorf("%s: got announced %s, want nothing of %s", node, announced, other)
		}
	}
	ids := make(map[string]bool)
	for line := range strings.Lines(m.log.String()) {
		if _, id, found := strings.Cut(line, " as sensorpub-"); found {
			ids[strings.Fields(id)[0]] = true
		}
	}
	if len(ids) != 2 {
		t.Errorf("got the client ids %v, want two", ids)
	}
	for _, d := range []*process{one, two} {
		if log := d.stderr.String(); strings.Contains(log, "WARN") || strings.Contains(log, "unavailable") {
			t.Errorf("got\n%s\nwant no warning of a probe that is on the other machine", log)
		}
		if a := d.stop(); a.rejected+a.dropped+a.queued != 0 {
			t.Errorf("got %v, want all acknowledged", a)
		}
	}
}

// A card that was in use is copied into another board, and both run.
func TestCopyOfACardIsNamed(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	c := dialClient(t, m.addr).subscribe("sensorpub/#")
	config := fleetConfig(t, m, "garden-pi")
	original := newMember(t, "0123", "10000000abcdef", "28-0316a2794fff")
	first := original.start(t, config)
	c.awaitReport(1)
	first.stop()
	clone := newMember(t, "0123", "10000000abcdee", "28-0316a2794fff")
	if err := os.CopyFS(clone.state, os.DirFS(original.state)); err != nil {
		t.Fatal(err)
	}

	one := original.start(t, config)
	c.awaitReport(1)
	two := clone.start(t, config)
	began := time.Now()
	two.stderr.await(t, "this card was used on another board before before=…cdef board=…cdee")
	one.stderr.await(t, "another machine publishes as this node machine=")
	t.Logf("the clash was named after %v", time.Since(began).Round(time.Second))

	for name, c := range map[string]struct {
		env  []string
		want []string
	}{
		"the original": {original.env, []string{"FAIL  machine        sensorpub/garden-pi/diagnostics comes from machine "}},
		"the copy":     {clone.env, []string{"warn  card           used on board …cdef before this one (…cdee), with the same machine id\n"}},
	} {
		got := invokeIn(t, c.env, "", "doctor", "--config", config, "--reads", "1")
		for _, want := range c.want {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("doctor of %s: got\n%s\nwant %q in it", name, got.stdout, want)
			}
		}
	}
	for _, d := range []*process{one, two} {
		if log := d.stderr.String(); strings.Contains(log, "connection lost") || !d.running() {
			t.Errorf("got\n%s\nwant both connected to the end", log)
		}
	}
}
