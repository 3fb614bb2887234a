//go:build !faults

package e2e

import (
	"os/exec"
	"testing"
)

// confine limits the memory of a program in the fault suite only.
func confine(testing.TB, *exec.Cmd) {}
