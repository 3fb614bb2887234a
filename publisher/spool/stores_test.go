package spool

import (
	"strings"
	"testing"
)

// What is damaged is lost only if it was waiting and is nowhere else.
func TestOnlyWhatIsLostCountsAsDamaged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dirs             []string // where it is damaged
		set              func(*Spool)
		reading          int
		settled          bool
		waiting, damaged int
	}{
		"on the disk, and intact on the tmpfs":      {dirs: []string{"/card"}, reading: 3, waiting: 5},
		"the disk's last, and intact on the tmpfs":  {dirs: []string{"/card"}, reading: 5, waiting: 5},
		"on the tmpfs, and intact on the disk":      {dirs: []string{"/run"}, reading: 3, waiting: 5},
		"the last on the tmpfs, intact on the disk": {dirs: []string{"/run"}, reading: 5, waiting: 5},
		"in both":                    {dirs: []string{"/run", "/card"}, reading: 3, waiting: 4, damaged: 1},
		"the last of both":           {dirs: []string{"/run", "/card"}, reading: 5, waiting: 4, damaged: 1},
		"settled":                    {dirs: []string{"/run"}, reading: 3, settled: true, set: tmpfsOnly, waiting: 4},
		"not settled":                {dirs: []string{"/run"}, reading: 3, set: tmpfsOnly, waiting: 4, damaged: 1},
		"the last one":               {dirs: []string{"/run"}, reading: 5, set: tmpfsOnly, waiting: 4, damaged: 1},
		"on the disk alone":          {dirs: []string{"/card"}, reading: 3, set: diskOnly, waiting: 4, damaged: 1},
		"the last on the disk alone": {dirs: []string{"/card"}, reading: 5, set: diskOnly, waiting: 4, damaged: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			disk := newMemoryFS()
			if test.set == nil {
				test.set = func(*Spool) {}
			}
			s := testSpool(disk)
			test.set(s)
			mustOpen(t, s)
			all := appendMany(t, s, 1, 5)
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
			if test.settled {
				s.Settle(all[test.reading-1])
				s.Commit()
			}
			stop(s)
			for _, dir := range test.dirs {
				damage(disk, dir, test.reading)
			}
			s, rec := reopen(t, disk, test.set, 1)
			if rec.Waiting != test.waiting || rec.Damaged != test.damaged {
				t.Errorf("got %+v, want %d waiting and %d damaged", rec, test.waiting, test.damaged)
			}
			checkRecords(t, readAll(s))
			appendMany(t, s, 6, 6)
			if err := flushAny(s); err != nil {
				t.Fatal(err)
			}
			stop(s)
			if _, rec = reopen(t, disk, test.set, 2); rec.Waiting != test.waiting+1 || rec.Damaged != 0 {
				t.Errorf("after a restart: got %+v, want one more waiting and none damaged", rec)
			}
		})
	}
}

// A reading that was torn as the tmpfs was full went to memory, and from there
// to the disk.
func TestWhatWasTornAndWrittenElsewhereIsNotDamaged(t *testing.T) {
	t.Parallel()
	for name, begins := range map[string]bool{"in a segment": false, "where one begins": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			full, made := false, false
			memory := newMemoryFS()
			s := testSpool(&faultyFS{FS: memory, fault: func(_ int, name string) fault {
				if !full || !strings.HasPrefix(name, "/run/") {
					return works
				}
				if begins && !made {
					made = true // what is torn is the write
					return works
				}
				return tears
			}})
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			if begins {
				s.tmpfs.end()
			}
			full = true
			appendMany(t, s, 6, 6)
			s.disk.work(false)
			if err := flush(s); err != nil {
				t.Fatal(err)
			}
			stop(s)
			if _, rec := reopen(t, memory, func(*Spool) {}, 1); rec.Waiting != 6 || rec.Damaged != 0 {
				t.Errorf("got %+v, want 6 waiting", rec)
			}
		})
	}
}

func TestDirectoriesThatAreExchangedAreKnownAgain(t *testing.T) {
	memory := newMemoryFS()
	s := testSpool(memory)
	mustOpen(t, s)
	all := appendMany(t, s, 1, 20)
	if err := flush(s); err != nil { // an outage
		t.Fatal(err)
	}
	for _, p := range all[2:] {
		s.Settle(p) // and its end, but for two
	}
	s.Commit()
	s.Close()
	reboot(memory)
	s, rec := reopen(t, memory, func(s *Spool) { s.BootID, s.Dir, s.RuntimeDir = nextBoot, "/run", "/card" }, 1)
	if rec.Waiting != 2 {
		t.Errorf("got %d waiting, want 2", rec.Waiting)
	}
	for k, n := range rec.Newest {
		if !n.Settled {
			t.Errorf("%v: the newest, %d, is taken for one that waits", k, number(n.Reading))
		}
	}
	s.Close()
}
