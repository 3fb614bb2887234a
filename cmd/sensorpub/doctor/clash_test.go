package doctor

import (
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/fixture"
	"sensorpub/publisher/mqtt/mqtttest"
	"sensorpub/publisher/spool"
)

func TestDoctorNamesACopiedCard(t *testing.T) {
	dir := t.TempDir()
	on := func(id, serial string) string {
		return fixture.Machine(t, map[string]string{"etc/machine-id": id, "sys/firmware/devicetree/base/serial-number": serial + "\x00"})
	}
	lines, _ := config.CardOf(on("0123", "10000000abcdef")).Remember(nil)
	if err := (&spool.Lines{Dir: dir, Name: spool.BoardName}).Save(lines); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, root, want string }{
		{"the board on which it was", on("0123", "10000000abcdef"), ""},
		{"a copy with a machine id of its own", on("4567", "10000000abcdee"), ""},
		{"a copy", on("0123", "10000000abcdee"), "warn  card           used on board …cdef before this one (…cdee), with the same machine id\n      hint: " + ownIDs + "\n"},
	} {
		v := newVisit(t, c.root, "spool.dir = \""+dir+"\"\n"+fixture.OneSensor)
		r, loaded := v.load(t)
		checkCard(r, loaded, "")
		if got := v.out.String(); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestDoctorNamesAMachineWithTheSameNode(t *testing.T) {
	root := fixture.Machine(t, map[string]string{"etc/machine-id": "0123", "sys/firmware/devicetree/base/serial-number": "10000000abcdef"})
	own := config.MachineID(root)
	const topic = "sensorpub/garden-pi/diagnostics"
	for _, c := range []struct {
		name, machine string
		holder        int
		want          string
	}{
		{"itself", own, 7, "ok    machine        " + topic + " comes from this machine, " + own + "\n"},
		{
			"another while the daemon is running", "0123456789ab", 7,
			"FAIL  machine        " + topic + " comes from machine 0123456789ab, but this is machine " + own + ": both publish as node garden-pi\n      hint: " + ownIDs + "\n",
		},
		{
			"another while it is not", "0123456789ab", 0,
			"warn  machine        " + topic + " comes from machine 0123456789ab, but this is machine " + own + "\n      hint: " + ownIDs + "\n",
		},
		{
			"one that says too much", strings.Repeat("m", 100_000), 0,
			"warn  machine        " + topic + " comes from machine " + strings.Repeat("m", 40) + ", but this is machine " + own + "\n",
		},
		{"nobody", "", 7, ""},
	} {
		b := mqtttest.Start(t)
		b.Publish(mqtttest.Message{Topic: topic, Retain: true, Payload: []byte(`{"machine":"` + c.machine + `"}`)})
		v := newVisit(t, root, "homeassistant.discovery = true\n"+at(b.URL()))
		r, loaded := v.load(t)
		v.config = loaded
		v.checkBrokers(t.Context(), r, c.holder, nil)
		got := v.out.String()
		if !strings.Contains(got, c.want) || strings.Contains(got, "  machine  ") != (c.want != "") {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
