package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sensorpub/publisher/spool"
)

// spoolOff is for a spool directory that is not wanted although systemd
// provides one.
const spoolOff = "off"

// checkSpool finds the directories of the spool: those of the configuration,
// or what the service manager provides (systemd.exec(5), StateDirectory and
// RuntimeDirectory).
func (k *checker) checkSpool() {
	s, p := &k.c.Spool, place{section: "spool"}
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
		if first, _, _ := strings.Cut(k.env.getenv(variable), ":"); first != "" {
			return filepath.Join(first, "spool")
		}
		return ""
	case !filepath.IsAbs(dir):
		k.wrong(p, key, dir, "want an absolute path, or %q", spoolOff)
		return ""
	}
	return filepath.Clean(dir)
}

// on tells whether readings are kept beyond the life of the process.
func (s Spool) on() bool { return s.Dir != "" || s.RuntimeDir != "" }

// openSpool opens the spool and takes over what an earlier run has left there.
func (s *service) openSpool(c *Config) error {
	keeps := &heart{name: "spool"}
	boot := bootID()
	if boot == "" {
		s.log.Warn("boot id cannot be read: after a restart sequence numbers jump ahead and times are not corrected",
			"file", bootIDFile)
	}
	sp := &spool.Spool{
		Dir: c.Spool.Dir, RuntimeDir: c.Spool.RuntimeDir,
		SpillAfter: c.Spool.SpillAfter, FlushInterval: c.Spool.FlushInterval, MaxBytes: c.Spool.MaxBytes,
		BootID: boot, Clock: bootClock, Log: s.log, Beat: keeps.beat, Lost: s.queue.Lose, Late: s.queue.Claim,
	}
	left, err := sp.Open()
	if errors.Is(err, spool.ErrInUse) {
		return failed(err, "is sensorpub running already? A second one needs a dir and a runtime_dir of its own in [spool]")
	}
	if err != nil {
		return err
	}
	if left.Waiting > 0 || left.Damaged > 0 {
		s.log.Info("spool opened", "waiting", left.Waiting, "damaged", left.Damaged)
	}
	s.queue.Spool = sp
	s.queue.Restore(left)
	s.spool = sp
	s.watchdog.hearts = append(s.watchdog.hearts, keeps)
	return nil
}

// spoolTiers returns how the spool's directories are doing.
func (s *service) spoolTiers() []spool.Tier {
	if s.spool == nil {
		return nil
	}
	state := s.spool.State()
	return []spool.Tier{state.Runtime, state.Card}
}

// spoolTrouble is what the status line says of the spool, nothing while it is
// well.
func (s *service) spoolTrouble() (text string) {
	for _, t := range s.spoolTiers() {
		if t.Cause != nil {
			text += fmt.Sprintf("; the spool does without its directory: %v", t.Cause)
		}
	}
	return text
}
