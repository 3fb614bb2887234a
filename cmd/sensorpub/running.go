package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A runningDaemon is another process of this program that is a daemon.
type runningDaemon struct {
	pid   int
	buses []string // from which it reads, as in Probe.Bus
	all   bool     // they are not known, because its configuration cannot be read
}

// reads reports whether the daemon may read from a bus.
func (d runningDaemon) reads(bus string) bool { return d.all || slices.Contains(d.buses, bus) }

// daemons returns the daemons that are running on this machine, as the service
// or started by hand.
func (e *env) daemons(ctx context.Context) (found []runningDaemon) {
	root := e.Root()
	files, err := filepath.Glob(filepath.Join(root, "/proc/[0-9]*/cmdline"))
	if err != nil {
		return nil
	}
	for _, file := range files {
		line, err := os.ReadFile(file)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && pid != os.Getpid() && isDaemon(line) {
			found = append(found, e.daemonOf(ctx, pid, filepath.Dir(file), arguments(line)))
		}
	}
	if len(found) == 0 { // processes of other users may be hidden (proc(5), hidepid)
		service := filepath.Join(root, "/sys/fs/cgroup/system.slice/sensorpub.service/cgroup.procs")
		pids, _ := os.ReadFile(service)
		first, _, _ := bytes.Cut(bytes.TrimSpace(pids), []byte("\n"))
		if pid, err := strconv.Atoi(string(first)); err == nil {
			found = append(found, runningDaemon{pid: pid, all: true})
		}
	}
	return found
}

// daemonOf finds out from which buses a daemon reads, given its folder in /proc and
// its arguments.
func (e *env) daemonOf(ctx context.Context, pid int, proc string, args []string) runningDaemon {
	file := configOf(args)
	if !filepath.IsAbs(file) {
		dir, err := os.Readlink(filepath.Join(proc, "cwd"))
		if err != nil {
			return runningDaemon{pid: pid, all: true}
		}
		file = filepath.Join(dir, file)
	}
	c, err := e.LoadOnly(ctx, file)
	if err != nil {
		return runningDaemon{pid: pid, all: true}
	}
	d := runningDaemon{pid: pid}
	for _, p := range c.Probes {
		d.buses = append(d.buses, p.Bus)
	}
	return d
}

// busReader returns the first daemon that may read from a bus, or 0. Something that
// only one sensor uses does not count as a bus.
func busReader(all []runningDaemon, bus string) int {
	for _, alone := range []string{"mock ", "exec ", "replay ", "file "} {
		if strings.HasPrefix(bus, alone) {
			return 0
		}
	}
	for _, d := range all {
		if d.reads(bus) {
			return d.pid
		}
	}
	return 0
}

// readsI2C reports whether a daemon may use an I²C bus, and so be disturbed by
// a command to a chip.
func readsI2C(all []runningDaemon) bool {
	return slices.ContainsFunc(all, func(d runningDaemon) bool {
		return d.all || slices.ContainsFunc(d.buses, func(bus string) bool { return strings.HasPrefix(bus, "i2c-") })
	})
}

// arguments splits a command line of NUL-terminated arguments (proc(5)).
func arguments(cmdline []byte) []string {
	return strings.Split(strings.TrimSuffix(string(cmdline), "\x00"), "\x00")
}

// isDaemon reports whether a command line is a daemon's.
func isDaemon(cmdline []byte) bool {
	args := arguments(cmdline)
	if filepath.Base(args[0]) != "sensorpub" {
		return false
	}
	for _, a := range args[1:] {
		if c, err := lookup(a); err == nil {
			return c.name == commands()[0].name
		}
	}
	return true // run is the default command
}

// configOf returns the configuration file that a daemon's arguments name.
func configOf(args []string) string {
	file := defaultConfig
	for i, a := range args[1:] {
		name, value, joined := strings.Cut(strings.TrimLeft(a, "-"), "=")
		switch {
		case a == name || name != "config" && name != "c":
		case joined:
			file = value
		case i+2 < len(args):
			file = args[i+2]
		}
	}
	return file
}
