package config

import (
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestSpoolDirectories(t *testing.T) {
	systemd := map[string]string{"STATE_DIRECTORY": "/var/lib/sensorpub:/var/lib/more", "RUNTIME_DIRECTORY": "/run/sensorpub"}
	for _, c := range []struct {
		name         string
		environment  map[string]string
		text         string
		dir, runtime string
	}{
		{"none by hand", nil, "", "", ""},
		{"systemd's, below its first directory", systemd, "", "/var/lib/sensorpub/spool", "/run/sensorpub/spool"},
		{"systemd's, where the example's keys are kept", systemd, "spool = { dir = \"\", runtime_dir = \"\" }", "/var/lib/sensorpub/spool", "/run/sensorpub/spool"},
		{"the user's before systemd's", systemd, "spool = { dir = \"/mnt/a\", runtime_dir = \"/dev/shm/b\" }", "/mnt/a", "/dev/shm/b"},
		{"off", systemd, "spool = { dir = \"off\", runtime_dir = \"off\" }", "", ""},
		{"one of them", nil, "spool.runtime_dir = \"/run/x\"", "", "/run/x"},
	} {
		conf, err := parseTest(c.environment, c.text+fixture.OneSensor)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := conf.Spool; got.Dir != c.dir || got.RuntimeDir != c.runtime || got.On() != (c.dir+c.runtime != "") {
			t.Errorf("%s: got %+v, want %q and %q", c.name, got, c.dir, c.runtime)
		}
	}
}
