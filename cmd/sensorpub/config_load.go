package main

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

// load reads and checks the configuration file and completes it with what is
// known of this machine.
func (e *env) load() (*Config, error) {
	c, err := e.loadOnly()
	if err == nil && c.Broker.ClientID == "" {
		c.Broker.ClientID = clientID(c.root, c.Node)
	}
	return c, err
}

// loadOnly reads and checks the configuration file and opens nothing else.
func (e *env) loadOnly() (*Config, error) {
	data, err := readConfig(e.config)
	if err != nil {
		return nil, wrong(err, "--config FILE names another file, config.toml.example shows what to write")
	}
	c, err := e.parseConfig(e.config, data)
	if err != nil {
		return nil, wrong(err)
	}
	return c, nil
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

// absRoot returns SENSORPUB_ROOT as an absolute path, or "" where it is not
// set.
func (e *env) absRoot() string {
	root := e.getenv("SENSORPUB_ROOT")
	if root == "" {
		return ""
	}
	if abs, err := filepath.Abs(root); err == nil {
		return abs
	}
	return root
}
