package spool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

var (
	someLines  = []string{"state temperature/outside", "state Temperatur/Garten öst", "status sensorpub/garden-pi/status"}
	otherLines = []string{"state temperature/pond"}
)

func mustSave(t *testing.T, disk FS, lines []string) {
	t.Helper()
	if err := (&Lines{Dir: "/card", Disk: disk}).Save(lines); err != nil {
		t.Fatal(err)
	}
}

func TestLinesAreKept(t *testing.T) {
	disk := newMemoryFS()
	l := &Lines{Dir: "/card", Disk: disk}
	if got, err := l.Load(); len(got) > 0 || err != nil {
		t.Errorf("got %q, %v where there is no file", got, err)
	}
	for _, want := range [][]string{someLines, otherLines, nil, someLines} {
		mustSave(t, disk, want)
		if got, err := l.Load(); !slices.Equal(got, want) || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	disk.Lock("/card")
	if err := l.Exclusively(func() error { return nil }); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v while another process has the directory, want ErrInUse", err)
	}
}

// Damage costs the lines that it hits, is noticed, and never makes up a line.
func TestDamagedLines(t *testing.T) {
	disk := newMemoryFS()
	mustSave(t, disk, someLines)
	whole, _ := disk.Read("/card/topics")
	check := func(what, text string, most int) {
		got, damaged := parseLines(text)
		for _, line := range got {
			if !slices.Contains(someLines, line) {
				t.Fatalf("%s: made up %q", what, line)
			}
		}
		if lost := len(someLines) - len(got); lost > most || !damaged {
			t.Fatalf("%s: lost %d lines, want at most %d; noticed: %v", what, lost, most, damaged)
		}
	}
	for i := range whole {
		for bit := range 8 {
			b := slices.Clone(whole)
			b[i] ^= 1 << bit
			check(fmt.Sprintf("bit %d of byte %d", bit, i), string(b), 2) // a newline that goes takes two
		}
		if i < len(whole)-1 {
			check(fmt.Sprintf("cut at %d", i), string(whole[:i]), len(someLines))
		}
	}
	check("another version", strings.Replace(string(whole), "sensorpub 1", "sensorpub 2", 1), 0)
	mustSave(t, disk, otherLines)
	disk.Rename("/card/topics", "/elsewhere/topics")
	if got, err := (&Lines{Dir: "/card", Disk: disk}).Load(); len(got) > 0 || err != nil {
		t.Errorf("got %q, %v, want nothing", got, err)
	}
}

func TestDamagedLinesAreNamed(t *testing.T) {
	disk := newMemoryFS()
	mustSave(t, disk, someLines)
	disk.files["/card/topics"].data[30]++
	got, err := (&Lines{Dir: "/card", Disk: disk}).Load()
	if err == nil || err.Error() != "read /card/topics: damaged" || len(got) == 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

// After a power cut at any moment of a change, what was before is there or what
// was to be.
func TestAPowerCutWhileLinesAreSaved(t *testing.T) {
	for calls := 0; ; calls++ {
		disk := newPowerFS()
		mustSave(t, disk, someLines)
		stops := &faultyFS{FS: disk, fault: func(call int, _ string) fault {
			if call > calls {
				return fails
			}
			return works
		}}
		err := (&Lines{Dir: "/card", Disk: stops}).Save(otherLines)
		for changes := range len(disk.changes) + 1 {
			for _, part := range []float64{0, 0.5, 1} {
				left := disk.cut(changes, part, true)
				got, loadErr := (&Lines{Dir: "/card", Disk: left}).Load()
				if loadErr != nil || !slices.Equal(got, otherLines) && (err == nil || !slices.Equal(got, someLines)) {
					t.Fatalf("after %d calls, %d changes: got %q, %v", calls, changes, got, loadErr)
				}
			}
		}
		if err == nil {
			return
		}
	}
}

func FuzzLines(f *testing.F) {
	disk := newMemoryFS()
	if err := (&Lines{Dir: "/card", Disk: disk}).Save(someLines); err != nil {
		f.Fatal(err)
	}
	whole, _ := disk.Read("/card/topics")
	f.Add(string(whole))
	f.Add(string(whole[:50]))
	f.Fuzz(func(t *testing.T, text string) {
		lines, damaged := parseLines(text)
		if damaged {
			return
		}
		if err := (&Lines{Dir: "/card", Disk: disk}).Save(lines); err != nil {
			t.Fatal(err)
		}
		if again, err := (&Lines{Dir: "/card", Disk: disk}).Load(); err != nil || !slices.Equal(again, lines) {
			t.Fatalf("got %q, %v, want %q", again, err, lines)
		}
	})
}
