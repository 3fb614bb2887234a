//go:build faults

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A card is a small ext4 file system with a journal on a loop device, whose
// counter shows what a real card would have to write.
type card struct {
	t      *testing.T
	image  string // its file
	device string // /dev/loopN
	dir    string // where it is mounted
}

// newCard makes a card of so many MiB.
func newCard(t *testing.T, size int64) *card {
	t.Helper()
	image := filepath.Join(t.TempDir(), "card.img")
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, size<<20); err != nil {
		t.Fatal(err)
	}
	tool(t, "mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", "-J", "size=4", image)
	return mountCard(t, image)
}

// mountCard mounts the file system in a file until the end of the test.
func mountCard(t *testing.T, image string) *card {
	t.Helper()
	out, err := exec.Command("losetup", "-f", "--show", image).CombinedOutput()
	if err != nil {
		needsRoot(t, "losetup", fmt.Errorf("%w: %s", err, out))
	}
	c := &card{t: t, image: image, device: strings.TrimSpace(string(out)), dir: t.TempDir()}
	t.Cleanup(func() { tool(t, "losetup", "-d", c.device) })
	tool(t, "mount", "-o", "noatime", c.device, c.dir)
	t.Cleanup(c.unmount)
	return c
}

func (c *card) unmount() {
	if c.dir != "" {
		tool(c.t, "umount", c.dir)
		c.dir = ""
	}
}

// written returns how many bytes the device was told to write, after flushing
// what the file system still holds.
func (c *card) written() int64 {
	c.t.Helper()
	tool(c.t, "sync", "-f", c.dir)
	text, err := os.ReadFile("/sys/block/" + filepath.Base(c.device) + "/stat")
	if err != nil {
		c.t.Fatal(err)
	}
	sectors, err := strconv.ParseInt(strings.Fields(string(text))[6], 10, 64) // Documentation/block/stat.rst
	if err != nil {
		c.t.Fatal(err)
	}
	return sectors * 512
}

// cut returns a copy of the device as it would be after a power cut now. Only
// the kernel may write meanwhile, so it is read until two copies are equal.
func (c *card) cut() (image string) {
	c.t.Helper()
	var last []byte
	for range 100 {
		now, err := os.ReadFile(c.image)
		if err != nil {
			c.t.Fatal(err)
		}
		if bytes.Equal(now, last) {
			image = filepath.Join(c.t.TempDir(), "cut.img")
			if err := os.WriteFile(image, now, 0o600); err != nil {
				c.t.Fatal(err)
			}
			return image
		}
		last = now
	}
	c.t.Fatal("the device does not come to rest")
	return ""
}

// tool runs a program of the system.
func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

// remount remounts the file system with other options.
func (c *card) remount(option string) {
	c.t.Helper()
	tool(c.t, "mount", "-o", "remount,"+option, c.dir)
}

// fill leaves no block free.
func (c *card) fill() {
	c.t.Helper()
	f, err := os.Create(filepath.Join(c.dir, "full"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1024); err == nil; {
		_, err = f.Write(block)
	}
	f.Sync() // reports again that there is no space
}

// empty undoes fill.
func (c *card) empty() {
	c.t.Helper()
	if err := os.Remove(filepath.Join(c.dir, "full")); err != nil {
		c.t.Fatal(err)
	}
}
