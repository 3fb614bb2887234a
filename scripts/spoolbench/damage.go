package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"sensorpub/sensors"
)

const (
	damageRecords = 200
	damageBatch   = 10
	cuts          = 199 // offsets, evenly over the file
	flips         = 797
)

// A toll is how often damage had which cost.
type toll struct{ unopened, lossy, wrong int }

// compareDamage cuts and flips the file that has the records. A store opens
// in a process of its own, as it may panic or crash.
func compareDamage() error {
	var cut, flipped []toll
	for _, c := range candidates {
		x, y, err := measureDamage(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		cut, flipped = append(cut, x), append(flipped, y)
	}
	title := fmt.Sprintf("%d records, their file cut short at %d offsets: how often", damageRecords, cuts)
	if err := printTolls(title, "more lost than cut off", cut); err != nil {
		return err
	}
	title = fmt.Sprintf("\n%d records, one bit flipped at %d offsets of their file: how often", damageRecords, flips)
	return printTolls(title, "more than one lost", flipped)
}

func printTolls(title, lossy string, tolls []toll) error {
	t := newTable(title, "not opened", lossy, "a wrong record")
	for i, d := range tolls {
		t.row(candidates[i].name, fmt.Sprint(d.unopened), fmt.Sprint(d.lossy), fmt.Sprint(d.wrong))
	}
	return t.w.Flush()
}

func measureDamage(c candidate) (cut, flipped toll, err error) {
	top, err := os.MkdirTemp("", "spoolbench")
	if err != nil {
		return cut, flipped, err
	}
	defer os.RemoveAll(top)
	dir := filepath.Join(top, "whole")
	if err := fill(c, dir); err != nil {
		return cut, flipped, err
	}
	name, b, err := largest(dir)
	if err != nil {
		return cut, flipped, err
	}
	try := func(d *toll, b []byte, spare int) error {
		damaged := filepath.Join(top, "damaged")
		defer os.RemoveAll(damaged)
		if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(damaged, name), b, 0o600); err != nil {
			return err
		}
		d.add(c, damaged, spare)
		return nil
	}
	for i := range cuts {
		at := len(b) * (i + 1) / (cuts + 1)
		// So many may have been behind the cut, and one was in it.
		gone := (damageRecords*(len(b)-at)+len(b)-1)/len(b) + 1
		if err := try(&cut, b[:at], gone); err != nil {
			return cut, flipped, err
		}
	}
	for i := range flips {
		at := len(b) * i / flips
		b[at] ^= 1 << (i % 8)
		err := try(&flipped, b, 1)
		b[at] ^= 1 << (i % 8)
		if err != nil {
			return cut, flipped, err
		}
	}
	return cut, flipped, nil
}

// fill makes a store with its records and closes it.
func fill(c candidate, dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	s, err := c.open(dir, true)
	if err != nil {
		return err
	}
	for n := 0; n < damageRecords; {
		var batch []sensors.Reading
		for range damageBatch {
			n++
			batch = append(batch, reading(n))
		}
		if err := s.append(batch); err != nil {
			return err
		}
	}
	return s.close()
}

// largest returns the file that has the records.
func largest(dir string) (name string, b []byte, err error) {
	var size int64
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Size() > size {
			size = info.Size()
			name, err = filepath.Rel(dir, p)
		}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	b, err = os.ReadFile(filepath.Join(dir, name))
	return name, b, err
}

// add counts one case.
func (d *toll) add(c candidate, dir string, spare int) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var right, wrong int
	out, err := exec.CommandContext(ctx, os.Args[0], "-count", c.name, dir).Output()
	if _, scanErr := fmt.Sscan(string(out), &right, &wrong); err != nil || scanErr != nil {
		d.unopened++
		return
	}
	if damageRecords-right > spare {
		d.lossy++
	}
	if wrong > 0 {
		d.wrong++
	}
}

// report prints how many records of a store are right, and how many are not
// what was written. If it cannot be opened or read, it ends with an error.
func report(c candidate, dir string) {
	s, err := c.open(dir, true)
	right, wrong := make(map[uint64]bool), 0
	if err == nil {
		err = s.each(func(r sensors.Reading) {
			if r.Seq == 0 || r.Seq > damageRecords || r != reading(int(r.Seq)) {
				wrong++
				return
			}
			right[r.Seq] = true
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(len(right), wrong)
}
