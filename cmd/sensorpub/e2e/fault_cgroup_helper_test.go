//go:build faults

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// memoryMax is that of the unit, in MiB.
const memoryMax = 64

// confine lets a program that is not confined yet have as much memory as the unit
// allows. With the race detector it needs more.
func confine(tb testing.TB, cmd *exec.Cmd) {
	if len(cmd.Args) > 2 && strings.Contains(cmd.Args[2], "/cgroup.procs") || raceBuild() {
		return
	}
	dir, err := memoryGroup(tb, memoryMax)
	if err != nil {
		tb.Logf("%v; memory is not limited", err)
		return
	}
	enterGroup(cmd, dir)
}

// limitMemory runs cmd in a control group of its own with so many MiB,
// including the kernel's share (memory.max of cgroup v2, or
// memory.limit_in_bytes of v1). Where none can be made, as in many containers,
// it sets GOMEMLIMIT instead and checks resident memory at the end.
func limitMemory(t *testing.T, cmd *exec.Cmd, mib int) {
	t.Helper()
	dir, err := memoryGroup(t, mib)
	if err != nil {
		t.Logf("%v; GOMEMLIMIT is set instead", err)
		cmd.Env = append(cmd.Env, fmt.Sprintf("GOMEMLIMIT=%dMiB", mib))
		return
	}
	enterGroup(cmd, dir)
}

// enterGroup makes cmd start in a control group.
func enterGroup(cmd *exec.Cmd, dir string) {
	enter := fmt.Sprintf(`echo $$ >%s/cgroup.procs && exec "$0" "$@"`, dir)
	cmd.Args = append([]string{"sh", "-c", enter, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
}

// memoryGroup makes a control group with a limit for the duration of the test.
func memoryGroup(tb testing.TB, mib int) (dir string, err error) {
	tb.Helper()
	root, limit := "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
	if all, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control"); err == nil && strings.Contains(string(all), "memory") {
		root, limit = "/sys/fs/cgroup", "memory.max"
	}
	dir = filepath.Join(root, fmt.Sprintf("sensorpub-test-%d-%d", os.Getpid(), clients.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	tb.Cleanup(func() { // after the processes in it have ended, which the kernel may notice late
		err := os.Remove(dir)
		for range 100 {
			if !errors.Is(err, syscall.EBUSY) {
				break
			}
			time.Sleep(10 * time.Millisecond)
			err = os.Remove(dir)
		}
		if err != nil {
			tb.Error(err)
		}
	})
	file, err := os.OpenFile(filepath.Join(dir, limit), os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = fmt.Fprint(file, mib<<20)
	return dir, err
}
