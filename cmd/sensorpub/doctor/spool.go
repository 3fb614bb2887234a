package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sensorpub/cmd/sensorpub/config"
)

// checkSpool reports whether the spool's directories are writable.
func checkSpool(r *report, s config.Spool) {
	if !s.On() {
		r.say(statusSkip, "spool", "not configured here: readings of an outage are kept in memory only")
		return
	}
	for _, dir := range []string{s.RuntimeDir, s.Dir} {
		if dir != "" {
			checkSpoolDir(r, dir)
		}
	}
}

func checkSpoolDir(r *report, dir string) {
	found, err := existing(dir)
	if err == nil {
		err = writable(found)
	}
	switch {
	case errors.Is(err, fs.ErrPermission) && !r.superuser:
		r.say(statusWarn, "spool", fmt.Sprintf("%s: %v for this user", found, cause(err)), spoolHint(err, r.superuser))
	case err != nil:
		r.say(statusFail, "spool", fmt.Sprintf("%s: %v", found, cause(err)), spoolHint(err, r.superuser))
	case found != dir:
		r.say(statusOK, "spool", dir+" will be created at the start")
	default:
		r.say(statusOK, "spool", dir+" can be written")
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
