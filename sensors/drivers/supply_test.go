package drivers

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSupply(t *testing.T) {
	const (
		throttled = "sys/devices/platform/soc/soc:firmware/get_throttled"
		name      = "sys/class/hwmon/hwmon1/name"
		alarm     = "sys/class/hwmon/hwmon1/in0_lcrit_alarm"
	)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Supply
		known bool
	}{
		{"low now", map[string]string{throttled: "0x50005\n"}, Supply{true, true, true}, true},
		{"low before", map[string]string{throttled: "50000\n"}, Supply{false, true, true}, true},
		{"never low", map[string]string{throttled: "0\n"}, Supply{Remembers: true}, true},
		{"an answer that is not a number", map[string]string{throttled: "?\n"}, Supply{}, false},
		{"an alarm", map[string]string{name: "rpi_volt\n", alarm: "1\n"}, Supply{Low: true}, true},
		{"no alarm", map[string]string{name: "rpi_volt\n", alarm: "0\n"}, Supply{}, true},
		{"an alarm that cannot be read", map[string]string{name: "rpi_volt\n"}, Supply{}, false},
		{"another board", map[string]string{name: "nvme\n"}, Supply{}, false},
	} {
		root := t.TempDir()
		for file, text := range c.files {
			file = filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, known := (Host{Root: root}).Supply(); got != c.want || known != c.known {
			t.Errorf("%s: got %+v and %v, want %+v and %v", c.name, got, known, c.want, c.known)
		}
	}
}
