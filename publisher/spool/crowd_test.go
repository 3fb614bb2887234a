package spool

import (
	"strings"
	"testing"
)

// The tmpfs fails in a long outage, and with the memory in its place
// more waits than the disk has room for: the oldest are lost, and nothing is
// written to the disk twice.
func TestMoreWaitsThanTheDiskHasRoomFor(t *testing.T) {
	t.Parallel()
	const readings = 1000 // some 93 KiB
	failing, calls := false, 0
	s := testSpool(readable{faultyFS: &faultyFS{FS: newMemoryFS(), fault: func(_ int, name string) fault {
		switch {
		case strings.HasPrefix(name, "/run/") && failing:
			return fails
		case strings.HasPrefix(name, "/card/"):
			if calls++; calls > 10*readings {
				return fails // or it would go on for ever
			}
		}
		return works
	}}})
	s.MaxBytes = 64 << 10
	mustOpen(t, s)
	all := appendMany(t, s, 1, readings/2)
	failing = true
	all = append(all, appendMany(t, s, readings/2+1, readings)...)

	if err := flush(s); err != nil {
		t.Fatalf("%v after %d calls", err, calls)
	}
	onDisk := s.disk.holds().within(s.waiting)
	n := onDisk.count()
	for _, p := range all[readings-n:] {
		if !onDisk.has(p) || n < readings/2 {
			t.Fatalf("got %d readings on the disk, %v, want the newest and no others", n, onDisk)
		}
	}
	if got := onDisk.count() + lose(s); got != readings {
		t.Errorf("got %d readings on the disk or lost, want %d", got, readings)
	}
	if due := s.disk.due(); !due.IsZero() {
		t.Errorf("the next batch is due at %v, want none", due)
	}
	calls = 0
	if err := flush(s); err != nil || calls > 0 {
		t.Errorf("got %v after %d calls, want nothing left to write", err, calls)
	}
	records := readAll(s)
	checkRecords(t, records)
	if len(records) != onDisk.count() {
		t.Errorf("got %d readings, want the %d on the disk", len(records), onDisk.count())
	}
	s.Close()
}
