package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sensorpub/cmd/sensorpub/config"
)

// memoryLimit returns how many bytes of memory the control group of this process
// may use (memory.max of cgroups, version 2), as MemoryMax= of a unit sets it; 0:
// no limit. Where it cannot be read, the one of sensorpub.service counts. root is
// prepended to /proc and /sys, for tests.
func memoryLimit(root string) int64 {
	group, err := os.ReadFile(filepath.Join(root, "/proc/self/cgroup"))
	if err != nil {
		return config.ServiceMemory
	}
	for line := range strings.Lines(string(group)) {
		path, ok := strings.CutPrefix(line, "0::")
		if !ok {
			continue
		}
		limit, err := os.ReadFile(filepath.Join(root, "/sys/fs/cgroup", strings.TrimSpace(path), "memory.max"))
		if err != nil {
			break
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(limit)), 10, 64)
		if err != nil {
			return 0 // "max"
		}
		return n
	}
	return config.ServiceMemory
}
