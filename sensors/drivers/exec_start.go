package drivers

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"sensorpub/sensors/drivers/option"
)

// execPath is where a command, and what it starts, looks for programs.
const execPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// suchAs names the program that a bare command name means, for an error, or nothing.
func suchAs(command []string) string {
	if len(command) == 0 || strings.ContainsRune(command[0], '/') {
		return ""
	}
	name, rest, spaced := strings.Cut(command[0], " ")
	for _, dir := range filepath.SplitList(execPath) {
		file := filepath.Join(dir, name)
		info, err := os.Stat(file)
		if name == "" || err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
			continue
		}
		words := []string{file}
		if spaced {
			words = append(words, strings.Fields(rest)...)
		}
		return " such as " + strings.Trim(option.Format(words), "[]")
	}
	return ""
}

// notStarted says why a program that is there could not be started.
func notStarted(file string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOENT):
		interpreter := interpreterOf(file)
		if _, err := os.Stat(interpreter); interpreter != "" && err != nil {
			return fmt.Sprintf("; its first line wants the interpreter %q, which is missing", interpreter)
		}
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return "; the program is there, its loader is not: it may be made for another machine"
		}
	case errors.Is(err, syscall.ENOEXEC):
		if text, _ := readStart(file, 3); len(withoutMark(text)) < len(text) {
			return "; it begins with a byte order mark, save it without one"
		}
		return "; it is made for another machine, or a script without a first line such as #!/bin/sh"
	case errors.Is(err, syscall.EACCES):
		if info, err := os.Stat(file); err == nil && info.Mode()&0o111 == 0 {
			return "; make it executable with chmod +x"
		}
	}
	return ""
}

// interpreterOf returns the interpreter in the first line of a script, as the kernel
// takes it (execve(2)), so with a carriage return that an editor has left at its
// end; or "" if it is no script.
func interpreterOf(file string) string {
	text, err := readStart(file, 256)
	line, isScript := bytes.CutPrefix(text, []byte("#!"))
	if err != nil || !isScript {
		return ""
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	line = bytes.TrimLeft(line, " \t")
	if i := bytes.IndexAny(line, " \t"); i >= 0 {
		line = line[:i]
	}
	return string(line)
}
