//go:build faults

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
	enter := fmt.Sprintf(`echo $$ >%s/cgroup.procs && exec "$@"`, dir)
	cmd.Args = append([]string{"sh", "-c", enter, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
}

// memoryGroup makes a control group with a limit for the duration of the test.
func memoryGroup(t *testing.T, mib int) (dir string, err error) {
	t.Helper()
	root, limit := "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
	if all, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control"); err == nil && strings.Contains(string(all), "memory") {
		root, limit = "/sys/fs/cgroup", "memory.max"
	}
	dir = filepath.Join(root, fmt.Sprintf("sensorpub-test-%d-%d", os.Getpid(), clients.Add(1)))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	t.Cleanup(func() { // after the processes in it have ended
		if err := os.Remove(dir); err != nil {
			t.Error(err)
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
