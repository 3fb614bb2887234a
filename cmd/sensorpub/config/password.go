package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// brokerCredential is the systemd credential with the broker's password
// (systemd.exec(5), LoadCredential=).
const brokerCredential = "mqtt-password"

// credential returns the file of a systemd credential, or "".
func credential(getenv func(string) string, name string) string {
	dir := getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// password reads the broker's password from password_file or else the systemd
// credential. Without either it returns "".
func (c *Config) password(ctx context.Context) (string, error) {
	file := c.Broker.PasswordFile
	if file == "" {
		file = credential(c.env.Getenv, brokerCredential)
	}
	return c.readPassword(ctx, file)
}

// readPassword reads a password from a file, without the newline at the end. It
// returns "" if there is no file.
func (c *Config) readPassword(ctx context.Context, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := c.files.file(ctx, file, 2*maxString)
	if err != nil {
		return "", fmt.Errorf("read password file %s: %w", file, err)
	}
	s := strings.TrimPrefix(string(b), "\ufeff") // which some editors put before UTF-8
	s = strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
	switch {
	case s == "":
		return "", fmt.Errorf("read password file %s: it is empty", file)
	case len(s) > maxString:
		return "", fmt.Errorf("read password file %s: %d bytes, MQTT carries at most %d", file, len(s), maxString)
	}
	return s, nil
}
