package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sensorpub/cmd/sensorpub/timeout"
)

const (
	// maxConfig is far more than anyone writes by hand, for all files together.
	maxConfig = 1 << 20

	// confDir is a folder beside the configuration, whose files may add
	// sensors.
	confDir = "conf.d"
)

// An Environment is what a configuration depends on besides its files.
type Environment struct {
	Getenv   func(string) string
	Hostname func() (string, error)
}

// Load reads and checks the configuration file and the files of conf.d beside
// it, and fills in what depends on this machine.
func (e Environment) Load(ctx context.Context, name string) (*Config, error) {
	c, err := e.LoadOnly(ctx, name)
	if err != nil {
		return nil, err
	}
	c.Machine = MachineID(c.Root)
	if c.Broker.ClientID == "" {
		c.Broker.ClientID = clientID(c.Root, c.Node)
	}
	return c, nil
}

// LoadOnly reads and checks the configuration file and the files of conf.d
// beside it, and opens nothing else. It returns an [Errors] unless a file
// cannot be read.
func (e Environment) LoadOnly(ctx context.Context, name string) (*Config, error) {
	return e.load(ctx, name, nil)
}

// Draft checks the text of a configuration file that is still to be written, with
// the files of conf.d beside it. Its errors are those of LoadOnly.
func (e Environment) Draft(ctx context.Context, name string, text []byte) error {
	_, err := e.load(ctx, name, text)
	return err
}

// load is LoadOnly, with the text of the configuration file unless that is nil.
func (e Environment) load(ctx context.Context, name string, text []byte) (*Config, error) {
	type result struct {
		files []*source
		err   error
	}
	r, err := timeout.Run(ctx, readWithin, func() result {
		files, err := readSources(name, text)
		return result{files, err}
	})
	if err == nil {
		err = r.err
	} else {
		err = fmt.Errorf("read %s: %w", name, err)
	}
	if err != nil {
		return nil, &unreadable{err}
	}
	return e.parse(r.files)
}

// readSources reads the configuration file, unless its text is given, then the
// files of conf.d in the order of their names.
func readSources(name string, text []byte) (files []*source, err error) {
	names := []string{name}
	dir := filepath.Join(filepath.Dir(name), confDir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", dir, cause(err))
	}
	for _, entry := range entries {
		if n := entry.Name(); strings.HasSuffix(n, ".toml") && !strings.HasPrefix(n, ".") {
			names = append(names, filepath.Join(dir, n))
		}
	}
	total := 0
	for i, n := range names {
		data, err := text, error(nil)
		if i > 0 || text == nil {
			data, err = readFile(n, maxConfig)
		}
		if total += len(data); err == nil && total > maxConfig {
			err = fmt.Errorf("larger than %d MiB with the files before it", maxConfig>>20)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", n, err)
		}
		files = append(files, &source{name: n, text: string(data)})
	}
	return files, nil
}

// unreadable is the error of a file that cannot be read.
type unreadable struct{ error }

func (u *unreadable) Unwrap() error { return u.error }

// IsMissing reports whether an error is of a file that the configuration names and
// that does not exist.
func IsMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(*unreadable))
}

// Hint returns what to do about an error of Load, or "".
func Hint(err error) string {
	if errors.As(err, new(*unreadable)) {
		if errors.Is(err, fs.ErrPermission) {
			return "only its owner and group may read it"
		}
		return "--config FILE names another file, config.toml.example shows what to write"
	}
	return ""
}

// Root returns SENSORPUB_ROOT as an absolute path, or "" if it is not set.
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
