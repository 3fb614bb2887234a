package spool

import (
	"io/fs"
	"slices"
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
	alone     bool   // there is no disk
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
		"the disk cannot be written, from the start": {{readings: 5, card: fails, end: "power"}, {readings: 5, end: "power"}},
		"the disk cannot be written after a clean stop": {
			{readings: 5, end: "close"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, end: "power"},
		},
		"the disk cannot be written after a power cut": {
			{readings: 5, end: "power"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, card: fails, end: "power"},
			{readings: 5, end: "power"},
		},
		"the tmpfs cannot be written, then a kill": {{readings: 5, end: "close"}, {readings: 5, run: fails, end: "kill"}, {readings: 5, end: "kill"}},
		"there is no disk and the tmpfs cannot be written": {
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
		"the disk cannot be written, then the runtime directory is away": {
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
		seq := s.snap.seqOf(k)
		if used[k] == nil {
			used[k] = make(map[uint64]bool)
		}
		for range st.readings {
			got := s.Append(r)
			seq++
			if got.Reading.Seq != seq {
				t.Errorf("step %d: got sequence number %d, want %d", i, got.Reading.Seq, seq)
			}
			if used[k][seq] {
				t.Errorf("step %d: sequence number %d is used again", i, seq)
			}
			if st.away != "" && seq < highest[k] { // or what comes back would be taken for newer
				t.Errorf("step %d: sequence number %d comes after %d", i, seq, highest[k])
			}
			highest[k] = max(highest[k], seq)
			used[k][seq] = true
			s.Settle(got.Position)
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
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	appendMany(t, s, 11, 20)
	failing = true
	if err := flush(s); err == nil {
		t.Fatal("got no error of a failing fdatasync")
	}
	if got := s.disk.holds().count(); got != 10 {
		t.Errorf("got %d on the disk, want 10", got)
	}
	failing = false
	if err := flush(s); err != nil {
		t.Fatal(err)
	}
	if got := len(s.disk.segments); got != 2 {
		t.Fatalf("got %d segments, want 2", got)
	}
	if got := s.disk.current.have.count(); got != 10 {
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

const nextBoot = "00000000000000000000000000000002"

// reboot empties the runtime directory.
func reboot(m *memoryFS) {
	for name := range m.files {
		if strings.HasPrefix(name, "/run/") {
			delete(m.files, name)
		}
	}
}

// The last segment of the tmpfs is empty, or cut within its snapshot: neither
// comes from a kill, so that readings may be missing. At least one is counted,
// and sequence numbers jump.
func TestALastSegmentThatIsCutWithinItsSnapshot(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Spool){"tmpfs": tmpfsOnly, "both stores": func(*Spool) {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory, last := newMemoryFS(), ""
			s := testSpool(memory)
			set(s)
			mustOpen(t, s)
			appendMany(t, s, 1, 5)
			s.tmpfs.end()
			appendMany(t, s, 6, 9)
			last = s.tmpfs.path(s.tmpfs.number)
			stop(s)
			whole, key := memory.files[last].data, Key{"outside", "temperature"}
			end := 0
			for kind := byte(0); kind != kindEnd; {
				var payload []byte
				kind, _, payload, _ = parseFrame(whole[end:])
				end += overhead + len(payload)
			}
			for n := range end {
				disk := newMemoryFS()
				for file, f := range memory.files {
					disk.files[file] = &memoryFile{of: disk, data: slices.Clone(f.data)}
				}
				disk.files[last].data = disk.files[last].data[:n]
				s, rec := reopen(t, disk, set, 1)
				if rec.Waiting != 5 || rec.Damaged != 1 || s.snap.seqOf(key) < jump {
					t.Fatalf("cut at %d: got %d waiting, %d damaged and sequence number %d, want 5, 1 and a jump", n, rec.Waiting, rec.Damaged, s.snap.seqOf(key))
				}
				checkRecords(t, readAll(s))
				if p := s.Append(testReading(10)).Position; p <= s.waiting[0].lo+8 {
					t.Fatalf("cut at %d: got position %d again", n, p)
				}
				stop(s)
				if _, rec := reopen(t, disk, set, 2); rec.Waiting != 6 || rec.Damaged != 0 {
					t.Fatalf("cut at %d: got %+v at the next start, want 6 waiting and none damaged", n, rec)
				}
			}
		})
	}
}

// The last segment of the tmpfs is gone: that before it says that there was one.
func TestALastSegmentThatIsMissing(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*Spool){"tmpfs": tmpfsOnly, "both stores": func(*Spool) {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory := newMemoryFS()
			small := func(s *Spool) { set(s); s.MaxBytes = 64 << 10 }
			s := testSpool(memory)
			small(s)
			mustOpen(t, s)
			n := uint64(0)
			for s.tmpfs.number < 3 {
				n++
				s.Append(testReading(n))
			}
			stop(s)
			last := memory.files[s.tmpfs.path(3)]
			delete(memory.files, s.tmpfs.path(3))
			memory.files[s.tmpfs.path(3)+newSuffix] = last
			s, rec := reopen(t, memory, small, 1)
			if rec.Waiting != int(n)-1 || rec.Damaged != 0 || s.snap.seqOf(Key{"outside", "temperature"}) > n {
				t.Errorf("got %+v after a kill as it began, want %d waiting and no jump", rec, n-1)
			}
			stop(s)
			delete(memory.files, s.tmpfs.path(4)) // which has what is known
			delete(memory.files, "/card/state")
			s, rec = reopen(t, memory, small, 2)
			if rec.Waiting != int(n)-1 || rec.Damaged != 1 || s.snap.seqOf(Key{"outside", "temperature"}) < jump {
				t.Errorf("got %+v, want %d waiting, 1 damaged and a jump", rec, n-1)
			}
			checkRecords(t, readAll(s))
			stop(s)
			if _, rec = reopen(t, memory, small, 3); rec.Damaged != 0 {
				t.Errorf("got %d damaged, which were counted before", rec.Damaged)
			}
		})
	}
}

// Segments are made under a temporary name: a kill as one begins leaves none
// that is not whole, and a start removes what it has left.
func TestAKillAsASegmentBegins(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"create", "write", "rename"} {
		memory := newMemoryFS()
		calls, dead := 0, false
		s := testSpool(&faultyFS{FS: memory, fault: func(_ int, name string) fault {
			if strings.HasSuffix(name, "2.seg.new") {
				calls++
			}
			dead = dead || calls == map[string]int{"create": 1, "write": 2, "rename": 3}[at]
			switch {
			case dead && calls == 2:
				calls = 9
				return tears
			case dead:
				return fails
			}
			return works
		}})
		s.Dir = ""
		mustOpen(t, s)
		appendMany(t, s, 1, 5)
		s.tmpfs.end()
		appendMany(t, s, 6, 6)
		stop(s)
		s, rec := reopen(t, memory, tmpfsOnly, 1)
		if rec.Waiting != 5 || rec.Damaged != 0 || s.snap.seqOf(Key{"outside", "temperature"}) > 3 {
			t.Errorf("%s: got %+v, want 5 waiting and no jump", at, rec)
		}
		for name := range memory.files {
			if strings.HasSuffix(name, newSuffix) {
				t.Errorf("%s: %s is still there", at, name)
			}
		}
	}
}

// Half a million readings after the state file was written, a power cut could
// come to take numbers that were given: it is written again.
func TestTheStateFileKeepsUpWithTheNumbers(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	s := testSpool(memory)
	mustOpen(t, s)
	key := Key{"outside", "temperature"}
	give := func(n int) {
		for range n {
			s.Settle(s.Append(testReading(2)).Position)
		}
		s.disk.work(false)
	}
	said := func() uint64 {
		k, _ := parseState(memory.files["/card/state"].data, s.boot)
		return k.seqOf(key)
	}
	if give(stateStale - 1); said() != 0 {
		t.Errorf("got the state written again at %d", said())
	}
	if give(2); said() != stateStale+1 {
		t.Errorf("got %d in the state, want %d", said(), stateStale+1)
	}
	s.Close()
}
