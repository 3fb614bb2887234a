package doctor

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
)

func TestDoctorOfTheSpool(t *testing.T) {
	dir := t.TempDir()
	file := fixture.WriteFile(t, "file", "")
	for _, c := range []struct{ name, dir, want string }{
		{"a directory", dir, "ok    spool          " + dir + " can be written\n"},
		{"one that is missing", filepath.Join(dir, "a", "b"), "ok    spool          " + filepath.Join(dir, "a", "b") + " will be created at the start\n"},
		{"a file", file, "FAIL  spool          " + file + ": not a directory\n"},
		{"below a file", filepath.Join(file, "x"), "FAIL  spool          " + filepath.Join(file, "x") + ": not a directory\n"},
		{"where nothing can be written", "/proc/x", "FAIL  spool          /proc: "},
	} {
		var out bytes.Buffer
		checkSpool(&report{out: &out}, config.Spool{Dir: c.dir})
		if got := out.String(); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v left in the directory, want nothing", left, err)
	}
}
