package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// daemonRuns reports whether the daemon is running on this machine, as the
// service or started by hand. root is prepended to /sys and /proc, for tests.
func daemonRuns(root string) bool {
	service := filepath.Join(root, "/sys/fs/cgroup/system.slice/sensorpub.service/cgroup.procs")
	if pids, err := os.ReadFile(service); err == nil && len(bytes.TrimSpace(pids)) > 0 {
		return true
	}
	files, err := filepath.Glob(filepath.Join(root, "/proc/[0-9]*/cmdline"))
	if err != nil {
		return false
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && pid != os.Getpid() && isDaemon(line) {
			return true
		}
	}
	return false
}

// isDaemon reports whether a command line, of NUL-terminated arguments
// (proc(5)), is a daemon's.
func isDaemon(cmdline []byte) bool {
	args := bytes.Split(bytes.TrimSuffix(cmdline, []byte{0}), []byte{0})
	if filepath.Base(string(args[0])) != "sensorpub" {
		return false
	}
	for _, a := range args[1:] {
		if c, err := lookup(string(a)); err == nil {
			return c.name == commands()[0].name
		}
	}
	return true // run is the default command
}
