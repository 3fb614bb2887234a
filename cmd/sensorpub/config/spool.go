package config

import (
	"path/filepath"
	"strings"
)

// spoolOff turns off a directory that systemd provides.
const spoolOff = "off"

// checkSpool finds the directories of the spool: the configured ones, or those
// that the service manager provides (systemd.exec(5), StateDirectory and
// RuntimeDirectory).
func checkSpool(errs *Errors, p place, s *Spool, getenv func(string) string) {
	s.Dir = spoolDir(errs, p, "dir", s.Dir, getenv("STATE_DIRECTORY"))
	s.RuntimeDir = spoolDir(errs, p, "runtime_dir", s.RuntimeDir, getenv("RUNTIME_DIRECTORY"))
	if s.Dir != "" && s.Dir == s.RuntimeDir {
		errs.wrong(p, "runtime_dir", s.RuntimeDir, "want another directory than dir, on a tmpfs such as /run/sensorpub")
	}
}

// spoolDir returns a directory of the spool, "" for none. provided lists those
// of the service manager.
func spoolDir(errs *Errors, p place, key, dir, provided string) string {
	switch {
	case dir == spoolOff:
		return ""
	case dir == "":
		if first, _, _ := strings.Cut(provided, ":"); first != "" {
			return filepath.Join(first, "spool")
		}
		return ""
	case !filepath.IsAbs(dir):
		errs.wrong(p, key, dir, "want an absolute path, or %q", spoolOff)
		return ""
	}
	return filepath.Clean(dir)
}

// On reports whether readings outlive the process.
func (s Spool) On() bool { return s.Dir != "" || s.RuntimeDir != "" }
