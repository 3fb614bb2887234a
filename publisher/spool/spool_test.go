package spool

import (
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	"sensorpub/sensors"
)

const testBoot = "3b0e1f4c-8f5d-4b39-9a53-0f7d9a5e6c11"

// testTime is when the clocks of tests begin.
var testTime = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A testClock begins some time after testTime and goes on by a millisecond each
// time it is asked.
func testClock(after time.Duration) sensors.Clock {
	now := testTime.Add(after)
	return func() (time.Time, time.Duration) {
		now = now.Add(time.Millisecond)
		return now, now.Sub(testTime) + time.Hour
	}
}

// testSpool returns a spool on a file system in memory, not opened yet.
func testSpool(disk FS) *Spool {
	return &Spool{
		Dir: "/card", RuntimeDir: "/run",
		SpillAfter: 10 * time.Second, FlushInterval: 30 * time.Second, MaxBytes: 16 << 20,
		BootID: testBoot, Disk: disk, Clock: testClock(0), Log: slog.New(slog.DiscardHandler),
	}
}

// testReading is the n-th reading, from 1, of two streams in turn. All of it
// follows from n, so that a wrong one shows.
func testReading(n uint64) sensors.Reading {
	quantities := []sensors.Quantity{sensors.Temperature, sensors.Humidity}
	q := quantities[n%2]
	return sensors.Reading{
		Sensor: "outside", Quantity: q.Name, Unit: q.Unit,
		Value: float64(n) / 3, Seq: (n + 1) / 2,
		Time: testTime.Add(time.Duration(n) * time.Second),
		Up:   time.Hour + time.Duration(n)*time.Second,
	}
}

// number is the n of a testReading.
func number(r sensors.Reading) uint64 { return uint64(math.Round(r.Value * 3)) }

// lose returns how many readings were lost since the last call.
func lose(s *Spool) int {
	overflow, damaged := s.Losses()
	return overflow + damaged
}

// readAll returns all that can be read of what waits, as a user of the spool
// comes to it.
func readAll(s *Spool) []Record { return readAfter(s, 0, math.MaxInt) }

// readAfter returns the first n waiting readings after a position.
func readAfter(s *Spool, after uint64, n int) (records []Record) {
	for len(records) < n {
		r, ok, more := s.Next(after)
		switch {
		case ok:
			records = append(records, r)
			after = r.Position
		case !more || !s.Load(after):
			return records
		}
	}
	return records
}

// flush writes to the disk all that waits.
func flush(s *Spool) error {
	s.disk.writing.Lock()
	defer s.disk.writing.Unlock()
	return s.disk.flush()
}

func mustOpen(t *testing.T, s *Spool) Recovered {
	t.Helper()
	rec, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// appendMany appends the readings from one number to another.
func appendMany(t *testing.T, s *Spool, from, to uint64) []uint64 {
	t.Helper()
	var all []uint64
	for n := from; n <= to; n++ {
		all = append(all, s.Append(testReading(n)).Position)
	}
	if n := lose(s); n > 0 {
		t.Fatalf("append of %d to %d: got %d lost, want none", from, to, n)
	}
	return all
}

// checkRecords checks that records are true but for their sequence numbers, in
// order and each there once.
func checkRecords(t *testing.T, records []Record) {
	t.Helper()
	for i, r := range records {
		want := testReading(number(r.Reading))
		want.Seq = r.Reading.Seq
		if got := r.Reading; got != want {
			want.Up = 0
			if got != want {
				t.Fatalf("record %d: got %+v, want %+v", i, got, want)
			}
		}
		if i > 0 && records[i-1].Position >= r.Position {
			t.Fatalf("record %d: position %d is not above %d", i, r.Position, records[i-1].Position)
		}
	}
}

// stop ends a spool as a kill does: nothing is written any more, and the
// system takes the locks away.
func stop(s *Spool) {
	for _, t := range s.stores {
		t.release()
	}
}

func TestReadingsOutliveTheProcess(t *testing.T) {
	dirs := map[string]func(*Spool){
		"both stores":     func(*Spool) {},
		"the tmpfs alone": func(s *Spool) { s.Dir = "" },
		"the disk alone":  func(s *Spool) { s.RuntimeDir = "" },
	}
	ends := map[string]bool{"closed": true, "killed": false}
	for name, set := range dirs {
		for end, closed := range ends {
			if !closed && name == "the disk alone" {
				continue // memory does not outlive a kill
			}
			t.Run(name+", "+end, func(t *testing.T) {
				t.Parallel()
				disk := newMemoryFS()
				s := testSpool(disk)
				set(s)
				if rec := mustOpen(t, s); rec.Waiting+rec.Damaged+len(rec.Newest) != 0 || s.snap.floor != 0 {
					t.Fatalf("got %+v of an empty spool", rec)
				}
				all := appendMany(t, s, 1, 2000)
				for _, p := range all[:1500] {
					s.Settle(p)
				}
				s.Commit()
				if closed {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
				} else {
					stop(s)
				}
				s = testSpool(disk)
				set(s)
				rec := mustOpen(t, s)
				if rec.Waiting != 500 || rec.Damaged != 0 {
					t.Errorf("got %d waiting, %d damaged, want 500, 0", rec.Waiting, rec.Damaged)
				}
				for _, q := range []string{"temperature", "humidity"} {
					k := Key{"outside", q}
					if n := rec.Newest[k]; s.snap.seqOf(k) != 1000 || n.Reading.Seq != 1000 || n.Settled {
						t.Errorf("%s: got seq %d, newest %+v", q, s.snap.seqOf(k), n)
					}
				}
				records := readAll(s)
				checkRecords(t, records)
				if len(records) != 500 || number(records[0].Reading) != 1501 {
					t.Errorf("got %d records from %d, want 500 from 1501", len(records), number(records[0].Reading))
				}
				if p := s.Append(testReading(2001)).Position; p <= all[len(all)-1] {
					t.Errorf("got position %d, want one above %d", p, all[len(all)-1])
				}
			})
		}
	}
}

func TestRealFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func() (*Spool, Recovered) {
		s := testSpool(nil)
		s.Dir, s.RuntimeDir = filepath.Join(dir, "a", "card"), filepath.Join(dir, "run")
		return s, mustOpen(t, s)
	}
	s, _ := open()
	appendMany(t, s, 1, 1000)
	other := testSpool(nil)
	other.Dir = s.Dir
	want := "open spool " + s.Dir + ": in use by another process"
	if _, err := other.Open(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, rec := open()
	if rec.Waiting != 1000 {
		t.Errorf("got %d waiting, want 1000", rec.Waiting)
	}
	checkRecords(t, readAll(s))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A file of others may have a number after which there is none.
func TestSegmentsAreFoundAgainWhateverElseIsThere(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"7fffffffffffffff", "4000000000000000", "3fffffffffffffff"} {
		for store, set := range samples {
			t.Run(store+", "+number, func(t *testing.T) {
				t.Parallel()
				disk := newMemoryFS()
				for _, dir := range []string{"/run/", "/card/"} {
					disk.files[dir+number+segmentSuffix] = &memoryFile{of: disk, data: []byte("not a segment")}
				}
				for i := range uint64(3) {
					s := testSpool(disk)
					set(s)
					s.Clock = testClock(time.Duration(i) * time.Hour)
					if rec := mustOpen(t, s); rec.Waiting != int(i) {
						t.Errorf("start %d: got %d waiting, want %d", i, rec.Waiting, i)
					}
					appendMany(t, s, i+1, i+1)
					if err := flushAny(s); err != nil {
						t.Fatal(err)
					}
					if st := s.State(); st.Tmpfs.Cause != nil || st.Disk.Cause != nil {
						t.Errorf("start %d: got %+v", i, st)
					}
					stop(s)
				}
			})
		}
	}
}
