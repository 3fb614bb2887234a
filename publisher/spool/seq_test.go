package spool

import (
	"strings"
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
