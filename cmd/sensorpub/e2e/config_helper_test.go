package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// configFile writes a configuration to a file of the test's own.
func configFile(tb testing.TB, config string) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// brokerConfig begins a configuration with these brokers.
func brokerConfig(urls ...string) string {
	quoted := make([]string, len(urls))
	for i, u := range urls {
		quoted[i] = strconv.Quote(u)
	}
	return fmt.Sprintf("node = \"garden-pi\"\n[broker]\nurls = [%s]\n", strings.Join(quoted, ", "))
}

// sensor is a [[sensor]] of the mock with these lines.
func sensor(name string, lines ...string) string {
	return fmt.Sprintf("\n[[sensor]]\nname = %q\ndriver = \"mock\"\n%s\n", name, strings.Join(lines, "\n"))
}

// once is a sensor that is read at the start and never again.
func once(name string, value float64, lines ...string) string {
	return sensor(name, append([]string{fmt.Sprintf("interval = \"24h\"\noptions = { values = [%g] }", value)}, lines...)...)
}
