package main

import (
	"testing"
)

func TestScanWhileTheDaemonRuns(t *testing.T) {
	root := machine(t, map[string]string{"proc/77/cmdline": "/usr/local/bin/sensorpub\x00run\x00"})
	environ := map[string]string{"SENSORPUB_ROOT": root}
	const said = "sensorpub: the daemon is running, so chips that need a command to identify are skipped\n" +
		"hint: sudo systemctl stop sensorpub, for a full scan\n"
	if got := sensorpub(t, environ, "scan"); got.code != 0 || got.stderr != said {
		t.Errorf("got %+v, want %q", got, said)
	}
	want := result{1, "", "sensorpub: look behind multiplexers: the daemon is using them\nhint: sudo systemctl stop sensorpub\n"}
	if got := sensorpub(t, environ, "scan", "--mux"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDaemonRuns(t *testing.T) {
	const group = "sys/fs/cgroup/system.slice/sensorpub.service/cgroup.procs"
	for _, c := range []struct {
		name, file, content string
		want                bool
	}{
		{"the service", group, "77\n", true},
		{"a service that has ended", group, "", false},
		{"run", "proc/77/cmdline", "sensorpub\x00run\x00", true},
		{"run without its name, with flags", "proc/77/cmdline", "/opt/sensorpub\x00--config\x00x.toml\x00", true},
		{"another command", "proc/77/cmdline", "sensorpub\x00--config\x00x.toml\x00watch\x00", false},
		{"another program", "proc/77/cmdline", "vi\x00sensorpub\x00", false},
		{"a kernel thread", "proc/77/cmdline", "", false},
		{"nothing", "proc/uptime", "", false},
	} {
		if got := daemonRuns(machine(t, map[string]string{c.file: c.content})); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
