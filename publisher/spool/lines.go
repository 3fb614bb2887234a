package spool

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// The files that a [Lines] has in the directory of the disk.
const (
	topicsName = "topics"
	BoardName  = "board"
)

// Lines is a small file of short texts in the directory of the disk, for what
// has to outlive the process and rarely changes. Each line has a checksum of its
// own, so that damage costs the lines it hits. Only the process that has the
// directory may save.
type Lines struct {
	Dir  string
	Name string // BoardName; "": the retained topics
	Disk FS     // nil: the operating system's
}

// Path is the name of the file.
func (l *Lines) Path() string { return filepath.Join(l.Dir, cmp.Or(l.Name, topicsName)) }

// linesHeader begins the first line, before the number of the others.
const linesHeader = "sensorpub 1 "

// Load returns the lines that are intact, none if there is no file. With an
// error there may have been more.
func (l *Lines) Load() ([]string, error) {
	b, err := l.disk().Read(l.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	all, damaged := parseLines(string(b))
	if err == nil && damaged {
		err = &fs.PathError{Op: "read", Path: l.Path(), Err: errors.New("damaged")}
	}
	return all, err
}

// parseLines returns the lines that are intact, and whether there were others.
func parseLines(text string) (all []string, damaged bool) {
	var want string
	for line := range strings.Lines(text) {
		sum, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		count, isHeader := strings.CutPrefix(rest, linesHeader)
		switch {
		case sum != lineSum(rest):
			damaged = true
		case isHeader:
			want = count
		default:
			all = append(all, rest)
		}
	}
	return all, damaged || want != fmt.Sprint(len(all))
}

func lineSum(line string) string {
	return fmt.Sprintf("%08x", checksum([]byte(line)))
}

// Save replaces the lines. Whenever the power is cut, the file has either the old
// ones or these. They must not contain newlines.
func (l *Lines) Save(all []string) error {
	var b strings.Builder
	for _, line := range append([]string{linesHeader + fmt.Sprint(len(all))}, all...) {
		fmt.Fprintf(&b, "%s %s\n", lineSum(line), line)
	}
	name := l.Path()
	if _, err := writeNew(l.disk(), name, []byte(b.String())); err != nil {
		return err
	}
	if err := l.disk().Rename(name+newSuffix, name); err != nil {
		return err
	}
	return l.disk().Sync(l.Dir)
}

func (l *Lines) disk() FS {
	if l.Disk == nil {
		return osFS{}
	}
	return l.Disk
}

// Exclusively runs f while no other process can have the directory, or returns
// [ErrInUse].
func (l *Lines) Exclusively(f func() error) error {
	unlock, err := l.disk().Lock(l.Dir)
	if err != nil {
		return err
	}
	defer unlock()
	return f()
}
