package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkSpool reports whether the spool's directories are writable.
func (d *Doctor) checkSpool(context.Context) {
	if d.config == nil {
		return
	}
	if !d.config.Spool.On() {
		d.say(statusSkip, "spool", "not configured here: an outage's readings are kept in memory only")
		return
	}
	for _, dir := range []string{d.config.Spool.RuntimeDir, d.config.Spool.Dir} {
		if dir != "" {
			d.checkSpoolDir(dir)
		}
	}
}

func (d *Doctor) checkSpoolDir(dir string) {
	found, err := existing(dir)
	if err == nil {
		err = writable(found)
	}
	switch {
	case errors.Is(err, fs.ErrPermission) && !d.Superuser:
		d.say(statusWarn, "spool", fmt.Sprintf("%s: %v for this user", found, cause(err)), d.spoolHint(err))
	case err != nil:
		d.say(statusFail, "spool", fmt.Sprintf("%s: %v", found, cause(err)), d.spoolHint(err))
	case found != dir:
		d.say(statusOK, "spool", dir+" will be created at the start")
	default:
		d.say(statusOK, "spool", dir+" can be written")
	}
}

// existing returns the directory or its nearest parent that exists.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir:
			dir = filepath.Dir(dir)
			continue
		case err == nil && !info.IsDir():
			err = errNoDirectory
		}
		return dir, err
	}
}

// writable creates a file in a directory and removes it.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".sensorpub-doctor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("x")
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// errNoDirectory says that a file stands where a directory is needed.
var errNoDirectory = errors.New("not a directory")
