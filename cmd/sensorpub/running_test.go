package main

import (
	"slices"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestScanWhileTheDaemonRuns(t *testing.T) {
	root := fixture.Machine(t, map[string]string{"proc/77/cmdline": "/usr/local/bin/sensorpub\x00run\x00"})
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
	mocks := "/usr/local/bin/sensorpub\x00run\x00--config\x00" + fixture.WriteFile(t, "config.toml", fixture.OneSensor) + "\x00"
	environ["SENSORPUB_ROOT"] = fixture.Machine(t, map[string]string{"proc/77/cmdline": mocks})
	if got := sensorpub(t, environ, "scan"); got.code != 0 || got.stderr != "" {
		t.Errorf("got %+v beside a daemon that uses no bus, want a full scan", got)
	}
}

func TestDaemonsOfThisMachine(t *testing.T) {
	const group = "sys/fs/cgroup/system.slice/sensorpub.service/cgroup.procs"
	buses := fixture.WriteFile(t, "config.toml", `
[[sensor]]
name = "a"
driver = "bme280"
[[sensor]]
name = "b"
driver = "mock"
`)
	for _, c := range []struct {
		name, file, content string
		want                int // its process; 0: none
		i2c, spi            bool
	}{
		{"the service, whose processes are hidden", group, "77\n78\n", 77, true, true},
		{"a service that has ended", group, "", 0, false, false},
		{"run", "proc/77/cmdline", "sensorpub\x00run\x00", 77, true, true},
		{"run without its name, with flags", "proc/77/cmdline", "/opt/sensorpub\x00--config\x00x.toml\x00", 77, true, true},
		{"run with a configuration", "proc/77/cmdline", "sensorpub\x00run\x00--config\x00" + buses + "\x00", 77, true, false},
		{"run with a configuration after -c", "proc/77/cmdline", "sensorpub\x00-c\x00" + buses + "\x00", 77, true, false},
		{"run with a configuration after =", "proc/77/cmdline", "sensorpub\x00-config=" + buses + "\x00run\x00", 77, true, false},
		{"another command", "proc/77/cmdline", "sensorpub\x00--config\x00x.toml\x00watch\x00", 0, false, false},
		{"another program", "proc/77/cmdline", "vi\x00sensorpub\x00", 0, false, false},
		{"a kernel thread", "proc/77/cmdline", "", 0, false, false},
		{"nothing", "proc/uptime", "", 0, false, false},
	} {
		e := testEnv(map[string]string{"SENSORPUB_ROOT": fixture.Machine(t, map[string]string{c.file: c.content})})
		all := e.daemons(t.Context())
		if got := slices.ContainsFunc(all, func(d runningDaemon) bool { return d.pid == c.want }); got != (c.want > 0) || len(all) > 1 {
			t.Errorf("%s: got %+v, want process %d", c.name, all, c.want)
		}
		if got := readsI2C(all); got != c.i2c {
			t.Errorf("%s: got I²C used: %v, want %v", c.name, got, c.i2c)
		}
		for bus, used := range map[string]bool{"i2c-1": c.i2c, "spi-0": c.spi, "mock b": false} {
			if got := busReader(all, bus) > 0; got != used {
				t.Errorf("%s: got %s used: %v, want %v", c.name, bus, got, used)
			}
		}
	}
}
