package spool

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A step of the life of a machine: a process runs, and ends in some way.
type step struct {
	readings  uint64
	sensor    string
	alone     bool   // there is no card
	runtime   string // the runtime directory; "": /run, "off": none
	stopped   bool   // the clock is where it was at the first step
	soon      bool   // it is a second after the last one
	card, run fault  // of every write
	away      string // the directory that is not there
	end       string // "close", "kill" or "power"
}

func TestSequenceNumbersAreNeverUsedAgain(t *testing.T) {
	t.Parallel()
	cases := map[string][]step{
		"a restart":                       {{readings: 5, end: "close"}, {readings: 5, end: "close"}},
		"kills":                           {{readings: 5, end: "kill"}, {readings: 0, end: "kill"}, {readings: 5, end: "kill"}},
		"power cuts":                      {{readings: 5, end: "power"}, {readings: 5, end: "power"}, {readings: 5, end: "power"}},
		"a power cut, kills, a power cut": {{readings: 5, end: "power"}, {readings: 5, end: "kill"}, {readings: 5, end: "kill"}, {readings: 5, end: "power"}},
		"a new sensor after a power cut": {
			{readings: 5, end: "power"},
			{readings: 5, sensor: "inside", end: "power"},
			{readings: 5, sensor: "inside", end: "power"},
		},
		"the card cannot be written, from the start": {{readings: 5, card: fails, end: "power"}, {readings: 5, end: "power"}},
		"the card cannot be written after a clean stop": {
			{readings: 5, end: "close"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, end: "power"},
		},
		"the card cannot be written after a power cut": {
			{readings: 5, end: "power"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, end: "power"},
		},
		"the runtime tier cannot be written, then a kill": {{readings: 5, end: "close"}, {readings: 5, run: fails, end: "kill"}, {readings: 5, end: "kill"}},
		"there is no card and the runtime tier cannot be written": {
			{readings: 5, alone: true, end: "kill"},
			{readings: 5, alone: true, run: fails, end: "kill"},
			{readings: 5, alone: true, end: "kill"},
		},
		"the runtime directory is turned off for a while": {
			{readings: 5, end: "close"},
			{readings: 5, runtime: "off", stopped: true, end: "kill"},
			{readings: 5, stopped: true, end: "kill"},
		},
		"the runtime directory is another one for a while": {
			{readings: 5, end: "close"},
			{readings: 5, runtime: "/run2", stopped: true, end: "kill"},
			{readings: 5, stopped: true, end: "kill"},
		},
		"the card cannot be written, then the runtime directory is away": {
			{readings: 5, end: "close"},
			{readings: 5, card: fails, end: "kill"},
			{readings: 5, away: "/run", end: "kill"},
			{readings: 5, end: "kill"},
		},
		"a short life that nothing is known of": { // at ten readings a second
			{readings: 5, end: "close"},
			{readings: 11, card: fails, away: "/run", end: "kill"},
			{readings: 11, away: "/run", soon: true, end: "kill"},
		},
		"a leap that is known, and one that is not": {
			{readings: 5, card: fails, end: "kill"},
			{readings: 5, end: "power"},
			{readings: 5, card: fails, soon: true, end: "kill"},
			{readings: 5, away: "/run", soon: true, end: "kill"},
		},
		"nothing can be written": {{readings: 5, end: "kill"}, {readings: 5, run: fails, card: fails, end: "close"}, {readings: 5, end: "power"}},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { liveSteps(t, steps) })
		})
	}
}

func liveSteps(t *testing.T, steps []step) {
	memory := newMemoryFS()
	used, highest := make(map[Key]map[uint64]bool), make(map[Key]uint64)
	boot, clock := 0, time.Duration(0)
	for i, st := range steps {
		switch {
		case st.soon:
			clock += time.Second
		case !st.stopped && i > 0:
			clock += time.Hour
		}
		disk := &faultyFS{FS: memory, fault: func(_ int, name string) fault {
			switch {
			case strings.HasPrefix(name, "/card/"):
				return st.card
			case strings.HasPrefix(name, "/run/"):
				return st.run
			}
			return works
		}}
		s := testSpool(readable{disk, st.away})
		s.BootID = "0000000000000000000000000000000" + string(rune('1'+boot))
		l := newLife(s)
		if st.alone {
			s.Dir = ""
		}
		if st.runtime != "" {
			s.RuntimeDir = strings.TrimPrefix(st.runtime, "off")
		}
		s.Clock = testClock(clock)
		l.begin(t)
		r := testReading(2)
		if st.sensor != "" {
			r.Sensor = st.sensor
		}
		k := Key{r.Sensor, r.Quantity}
		seq, named := l.rec.Seq[k]
		if !named {
			seq = l.rec.Floor
		}
		if used[k] == nil {
			used[k] = make(map[uint64]bool)
		}
		for range st.readings {
			seq++
			if used[k][seq] {
				t.Errorf("step %d: sequence number %d is used again", i, seq)
			}
			if st.away != "" && seq < highest[k] { // or what comes back would be taken for newer
				t.Errorf("step %d: sequence number %d comes after %d", i, seq, highest[k])
			}
			highest[k] = max(highest[k], seq)
			used[k][seq] = true
			r.Seq = seq
			p, _ := s.Append(r)
			s.Settle(p)
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if i > 0 && steps[i-1].end != "power" && st.readings > 0 && st.card == works && st.run == works &&
			steps[i-1].run == works && st.runtime == steps[i-1].runtime && st.away+steps[i-1].away == "" && !used[k][seq-st.readings] && st.sensor == "" {
			t.Errorf("step %d: there is a gap before %d", i, seq-st.readings+1)
		}
		l.stop()
		if st.end == "close" {
			s.Close()
		} else {
			stop(s)
		}
		if st.end == "power" {
			boot++
			reboot(memory)
		}
	}
}

// readable is a file system that can always be read, as one that is mounted
// read-only can, but for a directory that is away.
type readable struct {
	*faultyFS
	away string
}

func (r readable) Read(name string) ([]byte, error)  { return r.FS.Read(name) }
func (r readable) List(name string) ([]Entry, error) { return r.FS.List(name) }

func (r readable) Lock(dir string) (func(), error) {
	if dir == r.away {
		return nil, fs.ErrPermission
	}
	return r.FS.Lock(dir)
}

// A batch whose fdatasync failed goes to a new segment: the kernel may have
// dropped it, and would say that a second fdatasync has worked.
func TestABatchThatWasNotSyncedIsWrittenAgainElsewhere(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	failing := false
	disk := &failingSync{FS: memory, failing: &failing}
	s := testSpool(disk)
	mustOpen(t, s)
	appendMany(t, s, 1, 10)
	if err := s.spill(); err != nil {
		t.Fatal(err)
	}
	appendMany(t, s, 11, 20)
	failing = true
	if err := s.spill(); err == nil {
		t.Fatal("got no error of a failing fdatasync")
	}
	if got := s.card.holds().count(); got != 10 {
		t.Errorf("got %d on the card, want 10", got)
	}
	failing = false
	if err := s.spill(); err != nil {
		t.Fatal(err)
	}
	if got := len(s.card.segments); got != 2 {
		t.Fatalf("got %d segments, want 2", got)
	}
	if got := s.card.last().have.count(); got != 10 {
		t.Errorf("got %d in the second segment, want 10", got)
	}
}

type failingSync struct {
	FS
	failing *bool
}

type failingSyncFile struct {
	File
	fs *failingSync
}

func (f *failingSync) Create(name string) (File, error) {
	file, err := f.FS.Create(name)
	return failingSyncFile{file, f}, err
}

func (f failingSyncFile) Sync() error {
	if *f.fs.failing {
		return syscall.EIO
	}
	return nil
}
