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
		interpreter := interpreterOf(file)
		if info, err := os.Stat(interpreter); err == nil && (info.IsDir() || info.Mode()&0o111 == 0) {
			return fmt.Sprintf("; its first line wants the interpreter %q, which is not executable", interpreter)
		}
	}
	return ""
}

// badLineEnd says that a script that has failed has a carriage return at the end of its
// first line, which env(1) takes for a part of the interpreter's name or options.
func badLineEnd(file string) string {
	if line := firstLine(file); len(line) > 0 && line[len(line)-1] == '\r' {
		return "; its first line ends with a carriage return, save it with Unix line endings"
	}
	return ""
}

// interpreterOf returns the interpreter in the first line of a script, as the kernel
// takes it (execve(2)), so with a carriage return that an editor has left at its
// end; or "" if it is not a script.
func interpreterOf(file string) string {
	line := bytes.TrimLeft(firstLine(file), " \t")
	if i := bytes.IndexAny(line, " \t"); i >= 0 {
		line = line[:i]
	}
	return string(line)
}

// firstLine returns what follows #! in the first line of a script, or nil if it is none.
func firstLine(file string) []byte {
	text, err := readStart(file, 256)
	line, isScript := bytes.CutPrefix(text, []byte("#!"))
	if err != nil || !isScript {
		return nil
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	return line
}
