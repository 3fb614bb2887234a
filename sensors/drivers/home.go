package drivers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// homeHint adds to the error of a file below /home or /root that the service cannot
// see these: its systemd unit has ProtectHome=yes, which leaves them empty. Whoever
// sees something there is not the service, and gets the error as it is.
func homeHint(file string, err error) error { return hintIfHidden(file, err, isHidden) }

func hintIfHidden(file string, err error, hidden func(dir string) bool) error {
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	if dir := homeOf(file); dir != "" && hidden(dir) {
		return fmt.Errorf("%w; the service cannot see %s, move the file to another directory", err, dir)
	}
	return err
}

// homeOf returns the directory of homes that a file is below, or "".
func homeOf(file string) string {
	for _, dir := range []string{"/home", "/root"} {
		if strings.HasPrefix(file, dir+"/") {
			return dir
		}
	}
	return ""
}

// isHidden reports whether a directory looks like one that ProtectHome=yes hides:
// nothing can be seen in it.
func isHidden(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err != nil || len(entries) == 0
}
