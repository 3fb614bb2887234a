package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/terminal"
	"sensorpub/publisher"
	"sensorpub/publisher/spool"
)

// serviceDir is the spool of the service, as its unit has StateDirectory=.
const serviceDir = "/var/lib/sensorpub/spool"

// topicMemory returns where a configuration's retained topics are remembered, or
// nil if they are not. systemd does not set the directory for a command that is run
// by hand with the configuration of the service.
func (e *env) topicMemory(c *config.Config) *spool.Lines {
	dir := cmp.Or(c.Spool.Dir, e.stateDir())
	if dir == "" {
		return nil
	}
	m := &spool.Lines{Dir: dir}
	if _, err := os.Stat(m.Path()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return m
}

// stateDir returns the spool directory of the service, if this is its
// configuration and systemd has not set the directory already, or "".
func (e *env) stateDir() string {
	if e.file != defaultConfig || e.Getenv("STATE_DIRECTORY") != "" {
		return ""
	}
	return filepath.Join(e.Root(), serviceDir)
}

// ownTopics returns what these sensors have published with the retain flag or,
// without names, what the node has.
func (e *env) ownTopics(c *config.Config, names []string, memory *spool.Lines) ([]string, error) {
	topics, err := topicsOf(c, names)
	if err != nil || memory == nil {
		return topics, err
	}
	remembered, err := publisher.Remembered(memory)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, failed(err, "it belongs to the service's user: run this as that user, or with sudo")
	case err != nil: // so what is configured counts too; first, as that begins with what is announced
		fmt.Fprintf(e.stderr, "sensorpub: %s: topics may be missing\n", terminal.Text(err.Error()))
		if len(names) > 0 {
			return topics, nil
		}
		known := func(topic string) bool { return slices.Contains(topics, topic) }
		return append(topics, slices.DeleteFunc(remembered, known)...), nil
	}
	if len(names) == 0 {
		return remembered, nil
	}
	return slices.DeleteFunc(topics, func(topic string) bool { return !slices.Contains(remembered, topic) }), nil
}

// forget removes deleted topics from the memory, unless a daemon uses it: the daemon
// itself forgets what it no longer needs.
func (e *env) forget(memory *spool.Lines, topics []string) error {
	if memory == nil || len(topics) == 0 {
		return nil
	}
	err := memory.Exclusively(func() error {
		info, err := os.Stat(memory.Path())
		if err != nil {
			return err
		}
		if err := publisher.Forget(memory, topics); err != nil {
			return err
		}
		return keepOwner(memory.Path(), info)
	})
	if errors.Is(err, spool.ErrInUse) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("forget the topics: %w", err)
	}
	return nil
}

// keepOwner gives a file that root has replaced to the user that had it before. That
// user has the directory, and may have put a symbolic link there instead.
func keepOwner(name string, before fs.FileInfo) error {
	return chownLike(before, func(uid, gid int) error { return os.Lchown(name, uid, gid) })
}

// chownLike calls chown with the owner of a file, if this is root: nobody else may
// give files away.
func chownLike(before fs.FileInfo, chown func(uid, gid int) error) error {
	if owner, ok := before.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		return chown(int(owner.Uid), int(owner.Gid))
	}
	return nil
}
