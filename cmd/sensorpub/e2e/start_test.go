package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestStartNamesWhatRunsAndWhatIsSimulated(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	for _, c := range []struct {
		name, config string
		want         string
	}{
		{"one of each", brokerConfig(m.tcp()), "INFO  started: 1 sensor, node garden-pi, 1 broker, spool off version="},
		{
			"two brokers and a spool", brokerConfig(m.tcp(), "mqtt://localhost:1") + "[spool]\n" + quoted("dir", t.TempDir()) + "\n",
			"INFO  started: 1 sensor, node garden-pi, 2 brokers, spool on version=",
		},
	} {
		d := startDaemon(t, c.config+once("outside", 28.4))
		d.stderr.await(t, c.want)
		d.stop()
		want := "WARN  simulated sensors measure nothing, but are published like the others sensors=outside\n"
		if got := d.stderr.String(); strings.Count(got, want) != 1 {
			t.Errorf("%s: got %q, want %q once", c.name, got, want)
		}
	}
}

func TestDoctorNamesWhatIsSimulated(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	got := invoke(t, "", "doctor", "--reads", "1", "--config", configFile(t, brokerConfig(m.tcp())+once("outside", 28.4)))
	want := "warn  simulated      outside: driver = \"mock\" measures nothing, but is published like a measurement\n"
	if got.code != 0 || !strings.Contains(got.stdout, want) {
		t.Errorf("got %d\n%s\nwant %q", got.code, got.stdout, want)
	}
}

func TestSlowStopSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	b := mqtttest.Start(t)
	b.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop))
	d := startDaemon(t, brokerConfig(b.URL())+"[queue]\ngrace = \"3s\"\n"+once("outside", 28.4), "--log-level", "debug")
	d.awaitReads(1)
	d.stderr.await(t, "connected broker=")
	d.signal(syscall.SIGTERM)
	line := d.stderr.await(t, "stopping takes a while")
	if want := `waiting_for="` + b.URL() + ` to acknowledge 1 readings, at most 3s"`; !strings.Contains(line, want) {
		t.Errorf("got %q, want %q in it", line, want)
	}
	start := time.Now()
	if code := d.wait(); code != 0 || time.Since(start) > patience {
		t.Errorf("got exit code %d, want 0", code)
	}
}
