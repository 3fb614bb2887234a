package drivers

import (
	"bytes"
	"crypto/rand"
	"os"
	"strconv"
	"syscall"
)

// runVariable marks what a run of a command has started: processes inherit it, also
// those that leave the process group with setsid(2).
const runVariable = "SENSORPUB_RUN="

// newRun returns the mark of a run, which no other one has.
func newRun() string { return runVariable + rand.Text() }

// sweeps bounds the search for processes that start others faster than they are
// killed.
const sweeps = 10

// killLeft kills the processes of a run that are left. Their parent is the init
// process by then, which collects them.
func killLeft(run string) {
	for range sweeps {
		if !killMarked(run) {
			return
		}
	}
}

// maxEnviron is more than the arguments and the environment of a process may
// have by default (execve(2)).
const maxEnviron = 4 << 20

// killMarked kills all processes that have a variable in their environment, as it was
// when they were executed (proc(5)), and reports whether there were any.
func killMarked(variable string) (found bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false
	}
	mark := []byte(variable + "\x00")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		environ, err := readKernel("/proc/"+e.Name()+"/environ", maxEnviron)
		if err == nil && bytes.Contains(environ, mark) {
			found = true
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return found
}
