//go:build faults

package e2e

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A disk is a small file system with a directory for the spool on it.
type disk struct {
	t     *testing.T
	mount string
	dir   string
}

// newDisk makes a disk for the duration of the test.
func newDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{t: t, mount: t.TempDir()}
	if err := unix.Mount("none", d.mount, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		needsRoot(t, "mount a tmpfs", err)
	}
	t.Cleanup(func() { unix.Unmount(d.mount, unix.MNT_DETACH) })
	d.dir = filepath.Join(d.mount, "spool")
	return d
}

const directoryAway = "the directory is away"

// failures are faults that end and leave the files intact.
func (d *disk) failures() []fault {
	return []fault{
		{"full", d.fill},
		{directoryAway, func() func() { return d.away(nil) }},
		{"a file is in the place of the directory", func() func() {
			return d.away(func() { os.WriteFile(d.dir, nil, 0o600) })
		}},
	}
}

// fill fills the file system.
func (d *disk) fill() (end func()) {
	filler := filepath.Join(d.mount, "filler")
	for size := 1 << 16; size > 0; size /= 4 {
		for appendTo(filler, make([]byte, size)) == nil {
		}
	}
	return func() { os.Remove(filler) }
}

func appendTo(file string, b []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(b)
	return err
}

func (d *disk) away(then func()) (end func()) {
	if err := os.Rename(d.dir, d.dir+".away"); err != nil {
		d.t.Error(err)
		return nil
	}
	if then != nil {
		then()
	}
	return func() {
		os.RemoveAll(d.dir) // including what the program made in its place
		if err := os.Rename(d.dir+".away", d.dir); err != nil {
			d.t.Error(err)
		}
	}
}

// damages are immediate and permanent faults.
func (d *disk) damages(w *weather) []fault {
	of := func(name string, harm func(file string, size int64)) fault {
		return fault{name, func() func() {
			files, _ := filepath.Glob(filepath.Join(d.dir, "*"))
			if len(files) > 0 {
				file := files[w.random.IntN(len(files))]
				if info, err := os.Stat(file); err == nil {
					harm(file, info.Size())
				}
			}
			return nil
		}}
	}
	return []fault{
		{"all files are removed", func() func() {
			files, _ := filepath.Glob(filepath.Join(d.dir, "*"))
			for _, f := range files {
				os.Remove(f)
			}
			return nil
		}},
		of("a file is removed", func(file string, _ int64) { os.Remove(file) }),
		of("a file is cut short", func(file string, size int64) { os.Truncate(file, w.random.Int64N(size+1)) }),
		of("garbage is appended", func(file string, _ int64) { appendTo(file, garbage(1+w.random.IntN(2000))) }),
		of("garbage is in the midst", func(file string, size int64) {
			if f, err := os.OpenFile(file, os.O_WRONLY, 0); err == nil {
				f.WriteAt(garbage(1+w.random.IntN(600)), w.random.Int64N(size+1))
				f.Close()
			}
		}),
	}
}

func garbage(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// disk adds all the faults of a disk.
func (w *weather) disk(name string, d *disk) {
	w.add(name, 30*time.Second, 15*time.Second, slices.Concat(d.failures(), d.damages(w))...)
}
