package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sensorpub/sensors/drivers"
	"sensorpub/sensors/drivers/option"
)

// oneSensor is the smallest valid configuration.
const oneSensor = `
[[sensor]]
name = "outside"
driver = "mock"
options = { values = [28.4] }
`

// testEnvironment is the environment of a machine called garden-pi with these
// variables.
func testEnvironment(variables map[string]string) Environment {
	return Environment{
		Getenv:   func(key string) string { return variables[key] },
		Hostname: func() (string, error) { return "garden-pi.lan", nil },
	}
}

func parseTest(variables map[string]string, text string) (*Config, error) {
	return testEnvironment(variables).Parse("config.toml", []byte(text))
}

// named is oneSensor with another name.
func named(name string) string { return strings.ReplaceAll(oneSensor, "outside", name) }

// once is a sensor that is read at the start and never again.
func once(name string, value float64, lines ...string) string {
	return sensor(name, append([]string{fmt.Sprintf("interval = \"24h\"\noptions = { values = [%g] }", value)}, lines...)...)
}

// sensor is a [[sensor]] of the mock with these lines.
func sensor(name string, lines ...string) string {
	return fmt.Sprintf("\n[[sensor]]\nname = %q\ndriver = \"mock\"\n%s\n", name, strings.Join(lines, "\n"))
}

// writeFile writes a file to a temporary directory.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// machine makes a directory tree with these files and returns its root.
func machine(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// driverNames lists the names of all drivers as errors do.
func driverNames() string {
	var names []string
	for _, d := range drivers.Table() {
		names = append(names, d.Name)
	}
	return option.OneOf(names)
}
