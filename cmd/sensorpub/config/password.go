package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// credentialName is the systemd credential with the broker's password
// (systemd.exec(5), LoadCredential=).
const credentialName = "mqtt-password"

// credential returns the file of the systemd credential, or "".
func credential(getenv func(string) string) string {
	dir := getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	file := filepath.Join(dir, credentialName)
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// password reads the broker's password from password_file or else the systemd
// credential, without the newline at the end. Without either it returns "".
func (c *Config) password(ctx context.Context) (string, error) {
	file := c.Broker.PasswordFile
	if file == "" {
		file = credential(c.env.Getenv)
	}
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
