package spool

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/sensors"
)

// A walk is a row of processes that do one thing or another with a spool, whose
// file systems fail, and which end in one way or another.
type walk struct {
	*rand.Rand
	power *powerFS
	fails string // where calls fail now and then
	set   func(*Spool)

	s                                  *Spool
	recovered, appended, settled, lost int // of the present process
	boot                               int
	cursor                             uint64

	readings map[uint64]sensors.Reading // by position, of all processes
	used     map[string]bool            // sequence numbers, of all processes
	steps    []string
}

// At every moment each reading is settled, lost or waiting, and only one of
// them; what Next returns waits, was appended, and is in order; no sequence
// number is given twice.
func TestAnyWalkKeepsTheAccount(t *testing.T) {
	t.Parallel()
	walks, configurations := 60, []func(*Spool){func(*Spool) {}, tmpfsOnly, diskOnly}
	if exhaustive {
		walks = 1000
	}
	for i := range walks {
		synctest.Test(t, func(t *testing.T) {
			w := &walk{
				Rand: rand.New(rand.NewPCG(uint64(i), 7)), power: newPowerFS(), set: configurations[i%len(configurations)],
				readings: make(map[uint64]sensors.Reading), used: make(map[string]bool),
			}
			w.open(t)
			for range 400 {
				w.step(t)
				if t.Failed() {
					t.Fatalf("walk %d: the last steps are %s", i, strings.Join(w.steps[max(0, len(w.steps)-60):], ", "))
				}
			}
		})
	}
}

func (w *walk) say(format string, args ...any) {
	w.steps = append(w.steps, fmt.Sprintf(format, args...))
}

// open starts a process.
func (w *walk) open(t *testing.T) {
	time.Sleep(time.Duration(1+w.IntN(100)) * time.Second)
	w.s = testSpool(&faultyFS{FS: w.power, fault: func(_ int, name string) fault {
		if w.fails != "" && strings.HasPrefix(name, w.fails) && w.IntN(3) == 0 {
			return fault(1 + w.IntN(2))
		}
		return works
	}})
	w.s.Clock = func() (time.Time, time.Duration) { return time.Now(), time.Hour }
	w.s.BootID = fmt.Sprintf("%032d", w.boot+1)
	w.s.MaxBytes, w.s.Cache = 64<<10, 1+w.IntN(20)
	w.set(w.s)
	rec := mustOpen(t, w.s)
	w.recovered, w.appended, w.settled, w.lost, w.cursor = rec.Waiting, 0, 0, 0, 0
	w.say("open at %d with %d, from %v", time.Now().Unix(), rec.Waiting, w.s.snap.seqOf(Key{"outside", "temperature"}))
}

func (w *walk) step(t *testing.T) {
	switch n := w.IntN(100); {
	case n < 40:
		w.append(t)
	case n < 60:
		w.next(t)
	case n < 70:
		w.s.Commit()
		w.say("commit")
	case n < 80:
		w.work()
	case n < 84:
		w.fails = []string{"/run", "/card", "", "", ""}[w.IntN(5)]
		w.say("%q fails", w.fails)
	case n < 86:
		w.cursor = 0
		w.lost += lose(w.s)
	case n < 88:
		w.away(t)
	case n < 91:
		w.end(t)
	default:
		time.Sleep(time.Duration(w.IntN(20)) * time.Second)
	}
	if got, want := w.settled+w.lost+w.s.Waiting(), w.recovered+w.appended; got != want {
		t.Errorf("got %d settled, %d lost and %d waiting, want %d in all", w.settled, w.lost, w.s.Waiting(), want)
	}
	if kept := w.s.Kept(); kept < 0 || kept > w.s.Waiting() {
		t.Errorf("got %d kept of %d waiting", kept, w.s.Waiting())
	}
}

func (w *walk) append(t *testing.T) {
	for range 1 + w.IntN(60) {
		want := testReading(uint64(len(w.readings) + 1))
		r := w.s.Append(want)
		want.Seq = r.Reading.Seq
		if r.Reading != want {
			t.Errorf("got %+v appended, want %+v", r.Reading, want)
		}
		if _, known := w.readings[r.Position]; known {
			t.Errorf("position %d is given again", r.Position)
		}
		if seq := fmt.Sprint(r.Reading.Quantity, r.Reading.Seq); w.used[seq] {
			t.Errorf("sequence number %s is given again", seq)
			break
		} else {
			w.used[seq] = true
		}
		w.readings[r.Position] = r.Reading
		w.appended++
	}
	w.say("append up to %d", len(w.readings))
}

// next goes on through what waits, and settles some of it.
func (w *walk) next(t *testing.T) {
	n := 0
	for range 1 + w.IntN(100) {
		r, ok, more := w.s.Next(w.cursor)
		if more && w.s.Load(w.cursor) {
			r, ok, _ = w.s.Next(w.cursor)
		}
		if !ok {
			break
		}
		want := w.readings[r.Position]
		if r.Reading.Up == 0 {
			want.Up = 0
		}
		if r.Position <= w.cursor || r.Reading != want || !w.s.Waits(r.Position) {
			t.Errorf("got %+v after %d, waiting: %t, want %+v", r, w.cursor, w.s.Waits(r.Position), want)
		}
		w.cursor = r.Position
		if w.IntN(10) > 0 {
			if !w.s.Settle(r.Position) || w.s.Settle(r.Position) {
				t.Errorf("%d is not settled once", r.Position)
			}
			w.settled++
			n++
		}
	}
	w.say("settle %d", n)
}

// work does what Run does.
func (w *walk) work() {
	if w.s.tmpfs != nil {
		w.s.tmpfs.tend(false)
	}
	if w.s.disk != nil {
		w.s.disk.work(w.IntN(5) == 0)
	}
	w.say("work")
}

// away removes one of the directories.
func (w *walk) away(t *testing.T) {
	dir := []string{"/run/", "/card/"}[w.IntN(2)]
	if w.IntN(3) > 0 || w.fails != "" {
		return
	}
	for name := range w.power.names {
		if strings.HasPrefix(name, dir) {
			w.power.Remove(name)
		}
	}
	w.say("%s goes", dir)
	w.work()
	if w.s.disk != nil { // nobody looks for its state file
		w.s.disk.stateDue.Store(true)
		w.s.disk.work(false)
	}
}

// end ends the process. Where neither store can be written to, a kill costs what
// docs/spool.md says.
func (w *walk) end(t *testing.T) {
	how := []string{"close", "kill", "power"}[w.IntN(3)]
	s := w.s
	switch {
	case s.disk == nil && (s.tmpfs.cause != nil || how == "power"):
		return
	case how == "close":
		if s.disk == nil {
			w.fails = ""
		}
		s.Close()
	case s.disk == nil:
	case s.disk.stateDue.Load() || s.disk.cause != nil && s.tmpfs != nil && s.tmpfs.cause != nil:
		return
	}
	if w.lost += lose(s); w.settled+w.lost+s.Waiting() != w.recovered+w.appended {
		t.Errorf("got another account at the end")
	}
	stop(s)
	if how == "power" {
		w.boot++
		left := w.power.cut(w.IntN(4), w.Float64(), w.IntN(2) == 0)
		w.power = newPowerFS()
		for name, f := range left.files {
			w.power.names[name] = &powerFile{of: w.power, data: f.data, synced: len(f.data)}
			w.power.durable[name] = w.power.names[name]
		}
	}
	w.say("%s", how)
	if w.IntN(4) == 0 {
		w.flip()
	}
	w.open(t)
}

// flip flips one bit of one file.
func (w *walk) flip() {
	names := slices.Sorted(maps.Keys(w.power.names))
	if len(names) == 0 {
		return
	}
	name := names[w.IntN(len(names))]
	if f := w.power.names[name]; len(f.data) > 0 {
		f.data = slices.Clone(f.data)
		f.data[w.IntN(len(f.data))] ^= 1 << w.IntN(8)
		w.say("flip a bit of %s", name)
	}
}
