package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		conf, err := parseTest(c.environment, c.text+oneSensor)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := conf.Spool; got.Dir != c.dir || got.RuntimeDir != c.runtime || got.on() != (c.dir+c.runtime != "") {
			t.Errorf("%s: got %+v, want %q and %q", c.name, got, c.dir, c.runtime)
		}
	}
}

func TestDoctorOfTheSpool(t *testing.T) {
	dir := t.TempDir()
	file := writeFile(t, "file", "")
	for _, c := range []struct{ name, dir, want string }{
		{"a directory", dir, "ok    spool          " + dir + " can be written\n"},
		{"one that is missing", filepath.Join(dir, "a", "b"), "ok    spool          " + filepath.Join(dir, "a", "b") + " will be made at the start\n"},
		{"a file", file, "FAIL  spool          " + file + ": not a directory\n"},
		{"below a file", filepath.Join(file, "x"), "FAIL  spool          " + filepath.Join(file, "x") + ": not a directory\n"},
		{"where nothing can be written", "/proc/x", "FAIL  spool          /proc: "},
	} {
		var out strings.Builder
		d := &doctor{env: &env{stdout: &out}, config: &Config{Spool: Spool{Dir: c.dir}}}
		d.checkSpool(t.Context())
		if got := out.String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v left in the directory, want nothing", left, err)
	}
}
