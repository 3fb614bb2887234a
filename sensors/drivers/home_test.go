package drivers

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHomeOf(t *testing.T) {
	for file, want := range map[string]string{
		"/home/pi/probe.py": "/home", "/root/probe": "/root", "/rootless/x": "", "/homes/x": "", "/usr/local/bin/probe": "", "/home": "",
	} {
		if got := homeOf(file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

// ProtectHome=yes leaves an empty directory, or one that cannot be read.
func TestIsHidden(t *testing.T) {
	dir := t.TempDir()
	if !isHidden(dir) || !isHidden(filepath.Join(dir, "none")) {
		t.Error("got that an empty directory can be seen, want that it is hidden")
	}
	if err := os.Mkdir(filepath.Join(dir, "pi"), 0o755); err != nil {
		t.Fatal(err)
	}
	if isHidden(dir) {
		t.Error("got that a directory with a home is hidden, want that it can be seen")
	}
}

func TestHomeHint(t *testing.T) {
	tests := []struct {
		name, file string
		err        error
		hidden     bool
		want       string
	}{
		{"a file in a home that the service cannot see", "/home/pi/x", os.ErrNotExist, true, "file does not exist; the service cannot see /home, move the file to another directory"},
		{"one that may not be read", "/root/x", os.ErrPermission, true, "permission denied; the service cannot see /root, move the file to another directory"},
		{"one that a user does not have", "/home/pi/x", os.ErrNotExist, false, "file does not exist"},
		{"one elsewhere", "/usr/bin/x", os.ErrNotExist, true, "file does not exist"},
		{"another error", "/home/pi/x", os.ErrClosed, true, "file already closed"},
		{"no error", "/home/pi/x", nil, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(hintIfHidden(tt.file, tt.err, func(string) bool { return tt.hidden })); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
