package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPassword(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"mqtt-password": "credential\n", "plain": "pass word\n\n", "windows": "\ufeffp\r\n", "empty": "\n",
		"long": strings.Repeat("x", maxString+1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct{ file, credentials, want, err string }{
		{"", "", "", ""},
		{"", dir, "credential", ""},
		{"", "/no/such", "", ""},
		{in("plain"), dir, "pass word\n", ""},
		{in("windows"), "", "p", ""},
		{in("empty"), "", "", "read password file " + in("empty") + ": it is empty"},
		{in("long"), "", "", "read password file " + in("long") + ": 65536 bytes, MQTT carries at most 65535"},
		{in("none"), dir, "", "read password file " + in("none") + ": no such file or directory"},
	} {
		config := Config{
			Broker: Broker{PasswordFile: c.file},
			env:    testEnvironment(map[string]string{"CREDENTIALS_DIRECTORY": c.credentials}),
			files:  newReader(),
		}
		got, err := config.password(t.Context())
		if errText(err) != c.err || got != c.want {
			t.Errorf("%+v: got %q, %v", c, got, err)
		}
	}
}
