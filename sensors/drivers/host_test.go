package drivers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostPath(t *testing.T) {
	tests := []struct{ name, root, want string }{
		{"this machine", "", "/sys/bus"},
		{"an absolute root", "/tmp/pi", "/tmp/pi/sys/bus"},
		{"a relative root stays relative", "testdata/pi", "testdata/pi/sys/bus"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Host{Root: tt.root}).path("/sys/bus"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOpenI2CErrors(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "dev/i2c-3"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, bus, want string }{
		{"a bus that is not there", "1", "ROOT/dev/i2c-1: no such bus, enable it with raspi-config or dtparam=i2c_arm=on"},
		{"a file of a test never leads to a real bus", "3", "ROOT/dev/i2c-3: is not an I²C bus, it lies under ROOT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configured(t, "mcp9808", Host{Root: root}, map[string]any{"bus": tt.bus}).Open()
			if got := strings.ReplaceAll(outcome(err), root, "ROOT"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
