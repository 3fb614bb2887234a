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
func (k *checker) checkSpool() {
	s, p := &k.c.Spool, k.root.below("spool")
	s.Dir = k.spoolDir(p, "dir", s.Dir, "STATE_DIRECTORY")
	s.RuntimeDir = k.spoolDir(p, "runtime_dir", s.RuntimeDir, "RUNTIME_DIRECTORY")
	if s.Dir != "" && s.Dir == s.RuntimeDir {
		k.wrong(p, "runtime_dir", s.RuntimeDir, "want another directory than dir, on a tmpfs such as /run/sensorpub")
	}
}

func (k *checker) spoolDir(p place, key, dir, variable string) string {
	switch {
	case dir == spoolOff:
		return ""
	case dir == "":
		if first, _, _ := strings.Cut(k.env.Getenv(variable), ":"); first != "" {
			return filepath.Join(first, "spool")
		}
		return ""
	case !filepath.IsAbs(dir):
		k.wrong(p, key, dir, "want an absolute path, or %q", spoolOff)
		return ""
	}
	return filepath.Clean(dir)
}

// On reports whether readings outlive the process.
func (s Spool) On() bool { return s.Dir != "" || s.RuntimeDir != "" }
