package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"sensorpub/sensors"
)

const commits = 40 // of each store and size of batch, one a second

var batches = []int{1, 10, 60}

// compareWrites counts what reaches a device with ext4 and its journal.
func compareWrites() error {
	columns := make([]string, len(batches))
	for i, n := range batches {
		columns[i] = fmt.Sprintf("batches of %d", n)
	}
	title := fmt.Sprintf("Bytes to the device per reading, %d durable commits, ext4 with its journal", commits)
	if os.Getuid() != 0 {
		fmt.Println(title + ": needs root, skipped")
		return nil
	}
	var group errgroup.Group
	got := make([][]float64, len(candidates))
	for i, c := range candidates {
		got[i] = make([]float64, len(batches))
		for k, n := range batches {
			group.Go(func() (err error) {
				got[i][k], err = measureWrites(c, n)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	t := newTable(title+" (ratio to the spool)", columns...)
	for i, c := range candidates {
		cells := []string{c.name}
		for k := range batches {
			cells = append(cells, ratio("%.0f", got[i][k], got[0][k]))
		}
		t.row(cells...)
	}
	return t.w.Flush()
}

func measureWrites(c candidate, n int) (perReading float64, err error) {
	d, err := newDevice()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.release()) }()
	s, err := c.open(d.dir, true)
	if err != nil {
		return 0, err
	}
	defer s.close()
	before, err := d.written()
	if err != nil {
		return 0, err
	}
	next := 1
	for range commits {
		due := time.Now().Add(time.Second)
		var batch []sensors.Reading
		for range n {
			batch = append(batch, reading(next))
			next++
		}
		if err := s.append(batch); err != nil {
			return 0, err
		}
		time.Sleep(time.Until(due))
	}
	after, err := d.written()
	return float64(after-before) / float64(next-1), err
}

// A device is a file as a block device, with a file system.
type device struct {
	top  string // what belongs to it
	dir  string // where it is mounted
	loop string
}

func newDevice() (d device, err error) {
	if d.top, err = os.MkdirTemp("", "spoolbench"); err != nil {
		return d, err
	}
	image := filepath.Join(d.top, "image")
	d.dir = filepath.Join(d.top, "mounted")
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		return d, err
	}
	// Blocks as on a card: so small a file system would get smaller ones.
	for _, line := range []string{
		"truncate -s 256M " + image,
		"mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0 " + image,
	} {
		if _, err := command(line); err != nil {
			return d, errors.Join(err, os.RemoveAll(d.top))
		}
	}
	if d.loop, err = command("losetup --find --show " + image); err == nil {
		_, err = command("mount -t ext4 " + d.loop + " " + d.dir)
	}
	if err != nil {
		return d, errors.Join(err, d.release())
	}
	return d, nil
}

// release takes down what there is.
func (d device) release() error {
	command("umount " + d.dir) // it is not mounted if that has failed
	if d.loop != "" {
		if _, err := command("losetup -d " + d.loop); err != nil {
			return err
		}
	}
	return os.RemoveAll(d.top)
}

// written returns the bytes that have reached the device, all that waits
// among them.
func (d device) written() (int64, error) {
	dir, err := os.Open(d.dir)
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return 0, os.NewSyscallError("syncfs", err)
	}
	stat, err := os.ReadFile(filepath.Join("/sys/block", filepath.Base(d.loop), "stat"))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat))
	sectors, err := strconv.ParseInt(fields[6], 10, 64) // Documentation/block/stat.rst: of 512 bytes
	return sectors * 512, err
}

func command(line string) (string, error) {
	words := strings.Fields(line)
	out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", line, err, text)
	}
	return text, nil
}
