package drivers

import (
	"io/fs"
	"syscall"
	"testing"
)

// A node that appears after systemd has started the service answers EPERM to it,
// whatever its groups.
func TestNodesSayWhatToDo(t *testing.T) {
	n := node{"/dev/i2c-1", "bus", "dtparam=i2c_arm=on", "i2c", "i2c-dev"}
	tests := []struct {
		name  string
		errno syscall.Errno
		want  string
	}{
		{"it is not there", syscall.ENOENT, "/dev/i2c-1: no such bus, enable it with dtparam=i2c_arm=on"},
		{"the user is in another group", syscall.EACCES, "/dev/i2c-1: permission denied, the user must be in the group i2c"},
		{"the sandbox does not know it", syscall.EPERM, "/dev/i2c-1: operation not permitted, i2c-dev was loaded after the service was started: restart the service"},
		{"anything else", syscall.EBUSY, "open /dev/i2c-1: device or resource busy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := n.explain(&fs.PathError{Op: "open", Path: n.file, Err: tt.errno})
			if got := err.Error(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
