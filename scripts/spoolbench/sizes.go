package main

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// compareSizes builds a small program for ARMv6, stripped, with and without
// each store. It has beforehand what the daemon has in any case.
func compareSizes() error {
	without, err := measureSize("none")
	if err != nil {
		return err
	}
	t := newTable("Bytes added to a stripped ARMv6 program (ratio to the spool)", "bytes")
	var first float64
	for _, c := range candidates {
		with, err := measureSize(c.name)
		if err != nil {
			return err
		}
		added := float64(with - without)
		if first == 0 {
			first = added
		}
		t.row(c.name, ratio("%.0f", added, first))
	}
	return t.w.Flush()
}

func measureSize(name string) (size int64, err error) {
	dir, err := os.MkdirTemp("", "spoolbench")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", program, filepath.Join("sizes", name+".go"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm", "GOARM=6")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build sizes/%s.go: %w: %s", name, err, out)
	}
	f, err := elf.Open(program)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for _, s := range f.Sections { // the file is padded to steps of 64 KiB
		if s.Type != elf.SHT_NOBITS {
			size += int64(s.FileSize)
		}
	}
	return size, nil
}
