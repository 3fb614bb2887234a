//go:build faults

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// limitMemory makes cmd run in a control group of its own that may use so many
// MiB, the kernel's share included (memory.max of cgroup v2, or
// memory.limit_in_bytes of v1).
func limitMemory(t *testing.T, cmd *exec.Cmd, mib int) {
	t.Helper()
	dir, file := memoryGroup(t)
	if err := os.WriteFile(filepath.Join(dir, file), []byte(strconv.Itoa(mib<<20)), 0o644); err != nil {
		needsRoot(t, "limit the memory of a control group", err)
	}
	enter := fmt.Sprintf(`echo $$ >%s/cgroup.procs && exec "$@"`, dir)
	cmd.Args = append([]string{"sh", "-c", enter, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
}

// memoryGroup makes a control group until the end of the test and returns the
// name of its limit.
func memoryGroup(t *testing.T) (dir, file string) {
	t.Helper()
	roots := map[string]string{"/sys/fs/cgroup/memory": "memory.limit_in_bytes"}
	if all, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control"); err == nil && strings.Contains(string(all), "memory") {
		roots = map[string]string{"/sys/fs/cgroup": "memory.max"}
	}
	for root, limit := range roots {
		name := fmt.Sprintf("sensorpub-test-%d-%d", os.Getpid(), clients.Add(1))
		dir, file = filepath.Join(root, name), limit
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		needsRoot(t, "make a control group", err)
	}
	t.Cleanup(func() { // after the processes in it have ended
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	return dir, file
}
