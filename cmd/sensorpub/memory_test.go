package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
)

func TestMemoryLimit(t *testing.T) {
	for _, c := range []struct {
		name, group, max string
		want             int64
	}{
		{"that of the unit", "0::/system.slice/sensorpub.service\n", "33554432\n", 32 << 20},
		{"beside groups of version 1", "1:cpu:/x\n0::/system.slice/sensorpub.service\n", "33554432\n", 32 << 20},
		{"none", "0::/system.slice/sensorpub.service\n", "max\n", 0},
		{"a group without memory", "0::/other\n", "33554432\n", config.ServiceMemory},
		{"only version 1", "1:cpu:/x\n", "33554432\n", config.ServiceMemory},
	} {
		root := t.TempDir()
		for name, text := range map[string]string{"proc/self/cgroup": c.group, "sys/fs/cgroup/system.slice/sensorpub.service/memory.max": c.max} {
			file := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := memoryLimit(root); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestCheckAndDoctorWarnOfAPasswordThatEverybodyCanRead(t *testing.T) {
	secret := fixture.WriteFile(t, "password", "hunter2")
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	file := fixture.WriteFile(t, "config.toml", "[broker]\nurls = [\"mqtt://127.0.0.1:1\"]\nusername = \"u\"\npassword_file = \""+secret+"\""+fixture.OneSensor)
	got := sensorpub(t, nil, "check", "--config", file)
	want := "warning: broker.password_file \"" + secret + "\": every user of this machine can read it (mode 0644)\nhint: chmod o= \"" + secret + "\"\n"
	if got.code != 0 || got.stderr != want {
		t.Errorf("check: got %+v, want exit code 0 and %q", got, want)
	}
	got = sensorpub(t, nil, "doctor", "--config", file)
	if want := "warn  files          broker.password_file"; !strings.Contains(got.stdout, want) {
		t.Errorf("doctor: got %q, want %q", got.stdout, want)
	}
}
