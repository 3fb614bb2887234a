package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The kernel's file w1_slave at three temperatures, and after a checksum error,
// when it still contains the last good value.
const (
	slave28    = "c6 01 4b 46 7f ff 0a 10 17 : crc=17 YES\nc6 01 4b 46 7f ff 0a 10 17 t=28375\n"
	slaveBelow = "ff ff 4b 46 7f ff 01 10 9a : crc=9a YES\nff ff 4b 46 7f ff 01 10 9a t=-62\n"
	slaveBad   = "c6 01 4b 46 7f ff 0a 10 18 : crc=17 NO\nc6 01 4b 46 7f ff 0a 10 17 t=28375\n"
	slave85    = "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n"
)

// A w1Tree is a folder that looks like the root of a machine with one probe.
type w1Tree struct {
	t    *testing.T
	root string
	dir  string
}

func newW1Tree(t *testing.T) *w1Tree {
	t.Helper()
	root := t.TempDir()
	tree := &w1Tree{t, root, filepath.Join(root, "sys/bus/w1/devices/28-0316a2794fff")}
	if err := os.MkdirAll(tree.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return tree
}

// write replaces w1_slave atomically.
func (w *w1Tree) write(text string) {
	w.t.Helper()
	file := filepath.Join(w.dir, "w1_slave")
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		w.t.Fatal(err)
	}
}

func (w *w1Tree) env() []string { return []string{"SENSORPUB_ROOT=" + w.root} }

const oneProbe = `
[[sensor]]
name = "outside"
driver = "ds18b20"
interval = "750ms"
precision = 4
options = { id = "28-0316a2794fff" }
`

func TestProbeOnTheKernelsBusIsPublishedAndItsFailuresAreNot(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	w.write(slave28)
	live := dialClient(t, m.addr).subscribe("temperature/outside")
	d := startDaemonIn(t, w.env(), brokerConfig(m.tcp())+oneProbe)
	seen := live.until("temperature/outside", "28.375")

	w.write(slaveBad)
	d.stderr.await(t, `sensor unavailable sensor=outside cause="read: rejected (crc)`)
	w.write(slaveBelow)
	seen = append(seen, live.until("temperature/outside", "-0.0625")...)
	d.stderr.await(t, "sensor available again sensor=outside")

	w.write(slave85)
	d.stderr.await(t, "rejected (power-on)")
	w.write("")
	w.write(slave28)
	seen = append(seen, live.until("temperature/outside", "28.375")...)
	for _, m := range seen {
		if m.payload != "28.375" && m.payload != "-0.0625" {
			t.Errorf("got %v, want the probe's values only", m)
		}
	}
	if a := d.stop(); a.rejected < 2 || a.dropped+a.queued+a.superseded > 0 {
		t.Errorf("got %+v, want 2 or more rejected and the rest acknowledged", a)
	}
	d.stderr.await(t, "crc ")
	d.stderr.await(t, "power-on ")
}

func TestDaemonStartsWithoutAProbeAndFindsItLater(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	if err := os.Remove(w.dir); err != nil {
		t.Fatal(err)
	}
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemonIn(t, w.env(), brokerConfig(m.tcp())+oneProbe)
	d.stderr.await(t, "sensor unavailable sensor=outside")
	live.until(statusTopic, "online")
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w.write(slave28)
	live.until("temperature/outside", "28.375")
	d.stop()
}

func TestReadPrintsAProbeAsJSONAndCSV(t *testing.T) {
	t.Parallel()
	config := configFile(t, brokerConfig("mqtt://"+freeAddr(t))+oneProbe)
	const header = "time,sensor,quantity,value,unit,error\n"
	for _, c := range []struct {
		name, file, flags string
		code              int
		stdout, stderr    string
	}{
		{
			"a value as JSON", slave28, "--json", 0,
			`{"value":28.375,"unit":"°C","quantity":"temperature","sensor":"outside","node":"garden-pi","time":"TIME","seq":1}` + "\n", "",
		},
		{
			"two values as JSON", slave28, "--json --count 2", 0,
			`{"value":28.375,"unit":"°C","quantity":"temperature","sensor":"outside","node":"garden-pi","time":"TIME","seq":1}` + "\n" +
				`{"value":28.375,"unit":"°C","quantity":"temperature","sensor":"outside","node":"garden-pi","time":"TIME","seq":2}` + "\n", "",
		},
		{"a value as CSV", slaveBelow, "--csv", 0, header + "TIME,outside,temperature,-0.0625,°C,\n", ""},
		{
			"a wrong checksum as JSON", slaveBad, "--json", 1,
			`{"sensor":"outside","error":"read: rejected (crc): the kernel refuses c6 01 4b 46 7f ff 0a 10 18"}` + "\n",
			"sensorpub: read sensors: 1 of 1 reads failed\n",
		},
		{
			"a wrong checksum as CSV", slaveBad, "--csv", 1,
			header + "TIME,outside,,,,read: rejected (crc): the kernel refuses c6 01 4b 46 7f ff 0a 10 18\n",
			"sensorpub: read sensors: 1 of 1 reads failed\n",
		},
		{
			"a wrong checksum as text", slaveBad, "", 1, "",
			"sensorpub: read outside: read: rejected (crc): the kernel refuses c6 01 4b 46 7f ff 0a 10 18\nsensorpub: read sensors: 1 of 1 reads failed\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newW1Tree(t)
			w.write(c.file)
			got := invokeIn(t, w.env(), "", append([]string{"read", "--config", config}, strings.Fields(c.flags)...)...)
			got.stdout = timestamp.ReplaceAllString(got.stdout, "TIME")
			if want := (result{c.code, c.stdout, c.stderr}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

var timestamp = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
