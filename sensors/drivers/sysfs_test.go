package drivers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/sensors"
)

// A tree is a directory that looks like a machine's.
type tree struct {
	t    *testing.T
	root string
}

func newTree(t *testing.T) tree { return tree{t, t.TempDir()} }

func (tr tree) host() Host { return Host{Root: tr.root} }

// write makes a file, and the directories to it, with a newline at its end
// unless it is empty.
func (tr tree) write(path, text string) {
	tr.t.Helper()
	file := filepath.Join(tr.root, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if text != "" {
		text += "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		tr.t.Fatal(err)
	}
}

// files writes the files of one directory, given as name and text in turn.
func (tr tree) files(dir string, files ...string) {
	tr.t.Helper()
	for i := 0; i < len(files); i += 2 {
		tr.write(filepath.Join(dir, files[i]), files[i+1])
	}
}

// link makes an absolute link within the tree.
func (tr tree) link(from, to string) {
	tr.t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(tr.root, from)), 0o755); err != nil {
		tr.t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(tr.root, to), filepath.Join(tr.root, from)); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr tree) remove(path string) {
	tr.t.Helper()
	if err := os.RemoveAll(filepath.Join(tr.root, path)); err != nil {
		tr.t.Fatal(err)
	}
}

// said returns an outcome without the tree's own path.
func (tr tree) said(err error) string {
	return strings.ReplaceAll(outcome(err), tr.root, "ROOT")
}

// optionError is a wrong configuration and its exact error.
type optionError struct {
	name    string
	options map[string]any
	want    string
}

func checkOptionErrors(t *testing.T, driver string, tests []optionError) {
	t.Helper()
	d, err := Lookup(driver)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, errs := d.Configure(Host{}, "outside", tt.options)
			if len(errs) != 1 || errs[0].Error() != tt.want {
				t.Errorf("got %q, want %q", errs, tt.want)
			}
		})
	}
}

// values returns the numbers of a reading, or its outcome.
func (tr tree) values(s sensors.Sensor) any {
	tr.t.Helper()
	got, err := s.Read(tr.t.Context())
	if err != nil {
		if got != nil {
			tr.t.Errorf("got the values %v with the error %v, want none", got, err)
		}
		return tr.said(err)
	}
	if len(got) == 1 {
		return got[0].Value
	}
	var all []float64
	for _, m := range got {
		all = append(all, m.Value)
	}
	return all
}

func TestDeviceAt(t *testing.T) {
	d := device{place: "/sys/devices/platform/soc/fe804000.i2c/i2c-1/1-0048"}
	tests := []struct {
		name, path string
		want       bool
	}{
		{"its last element", "1-0048", true},
		{"one in between", "fe804000.i2c", true},
		{"two with slashes around", "/i2c-1/1-0048/", true},
		{"all of it", d.place, true},
		{"the beginning of an element", "1-004", false},
		{"the end of one", "-0048", false},
		{"another", "1-0049", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := d.at(tt.path); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDeviceIsCalled(t *testing.T) {
	tests := []struct {
		name, device, wanted string
		want                 bool
	}{
		{"as it is", "lm75", "lm75", true},
		{"with its place", "dht11@4", "dht11@4", true},
		{"without its place", "dht11@4", "dht11", true},
		{"at another place", "dht11@4", "dht11@5", false},
		{"another", "lm75b", "lm75", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (device{name: tt.device}).called(tt.wanted); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
