package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxConfig is far more than anyone writes by hand.
const maxConfig = 1 << 20

// An Environment is what a configuration takes from the process around it.
type Environment struct {
	Getenv   func(string) string
	Hostname func() (string, error)
}

// Load reads and checks the configuration file and completes it with what is
// known of this machine.
func (e Environment) Load(name string) (*Config, error) {
	c, err := e.LoadOnly(name)
	if err == nil && c.Broker.ClientID == "" {
		c.Broker.ClientID = clientID(c.Root, c.Node)
	}
	return c, err
}

// LoadOnly reads and checks the configuration file and opens nothing else.
func (e Environment) LoadOnly(name string) (*Config, error) {
	data, err := readConfig(name)
	if err != nil {
		return nil, &unreadable{err}
	}
	return e.Parse(name, data)
}

// unreadable is the error of a file that could not be read.
type unreadable struct{ error }

func (u *unreadable) Unwrap() error { return u.error }

// Hint returns what to do about an error of Load, or "".
func Hint(err error) string {
	if errors.As(err, new(*unreadable)) {
		return "--config FILE names another file, config.toml.example shows what to write"
	}
	return ""
}

func readConfig(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, cause(err))
	}
	if len(data) > maxConfig {
		return nil, fmt.Errorf("read %s: larger than 1 MiB", name)
	}
	return data, nil
}

// cause returns an error without the path that its message will name anyway.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// Root returns SENSORPUB_ROOT as an absolute path, or "" where it is not
// set.
func (e Environment) Root() string {
	root := e.Getenv("SENSORPUB_ROOT")
	if root == "" {
		return ""
	}
	if abs, err := filepath.Abs(root); err == nil {
		return abs
	}
	return root
}
