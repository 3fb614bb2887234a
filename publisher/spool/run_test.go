package spool

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// run starts the worker of a spool, and returns how to stop it.
func run(s *Spool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	synctest.Wait()
	return func() { cancel(); <-done }
}

// runWith opens and runs a spool whose file system fails as it is told to.
func runWith(t *testing.T, s *Spool, fault func(call int, name string) fault) (stop func()) {
	t.Helper()
	s.Disk = &faultyFS{FS: s.Disk, fault: fault}
	mustOpen(t, s)
	return run(s)
}

// runBreakable runs a spool whose directories the test can break.
func runBreakable(t *testing.T, s *Spool) (broken *atomic.Bool, log *bytes.Buffer, stop func()) {
	t.Helper()
	broken, log = new(atomic.Bool), new(bytes.Buffer)
	s.Log = slog.New(slog.NewTextHandler(log, nil))
	stop = runWith(t, s, func(_ int, name string) fault {
		if broken.Load() && strings.Count(name, "/") > 1 {
			return fails
		}
		return works
	})
	return broken, log, stop
}

// countCard counts the calls for the card after the start.
func countCard(calls *int) func(int, string) fault {
	return func(_ int, name string) fault {
		if strings.HasPrefix(name, "/card/") {
			*calls++
		}
		return works
	}
}

func TestNothingIsWrittenToTheCardWhileReadingsAreSettledInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := testSpool(newMemoryFS())
		stop := runWith(t, s, countCard(&calls))
		calls = 0
		for n := range uint64(3600) {
			p := s.Append(testReading(n + 1)).Position
			// Each is settled just in time, when the next ones are there.
			time.AfterFunc(9*time.Second, func() { s.Settle(p); s.Commit() })
			time.Sleep(time.Second)
		}
		synctest.Wait()
		if calls != 0 {
			t.Errorf("got %d calls for the card, want none", calls)
		}
		time.Sleep(10 * time.Second)
		stop()
	})
}

func TestInAnOutageThereIsOneBatchInEachInterval(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ spill, flush time.Duration }{
		{10 * time.Second, 30 * time.Second}, {10 * time.Second, 3 * time.Second}, {3 * time.Second, 10 * time.Second}, {0, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			var batches []time.Duration
			writes := 0
			begin := time.Now()
			s := testSpool(newMemoryFS())
			s.SpillAfter, s.FlushInterval = c.spill, c.flush
			stop := runWith(t, s, func(_ int, name string) fault {
				if strings.Contains(name, segmentSuffix) && strings.HasPrefix(name, "/card/") {
					if now := time.Since(begin); len(batches) == 0 || now > batches[len(batches)-1] {
						batches = append(batches, now)
					}
					writes++
				}
				return works
			})
			for n := range uint64(200) {
				s.Append(testReading(n + 1))
				time.Sleep(time.Second)
			}
			stop()
			// The first is due when the first reading is old enough, and creates
			// the segment, which is renamed after its first batch. A reading may come as a batch is written.
			if first := batches[0]; first < c.spill || first > c.spill+time.Second {
				t.Errorf("%v: got the first batch after %v", c, first)
			}
			for i, at := range batches[1:] {
				if after := at - batches[i]; after < c.flush || after > c.flush+time.Second {
					t.Errorf("%v: got a batch at %v, %v after the last", c, at, after)
				}
			}
			if got, want := writes, 2*len(batches)+2; got != want {
				t.Errorf("%v: got %d calls for %d batches, want %d", c, got, len(batches), want)
			}
			if got, want := s.State().Disk.Waiting, 200-int(c.flush/time.Second)-1; got < want {
				t.Errorf("%v: got %d on the card, want %d or more", c, got, want)
			}
		})
	}
}

func TestTheCardIsEmptiedWhenAllIsSettled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		memory := newMemoryFS()
		s := testSpool(memory)
		s.MaxBytes = 64 << 10
		beats := 0
		s.Beat = func() { beats++ }
		stop := runWith(t, s, func(int, string) fault { return works })
		var all []uint64
		for n := range uint64(300) {
			p := s.Append(testReading(n + 1)).Position
			all = append(all, p)
			time.Sleep(time.Second)
		}
		if got := len(s.disk.segments); got < 2 {
			t.Fatalf("got %d segments on the card, want some", got)
		}
		for _, p := range all {
			s.Settle(p)
		}
		s.Commit()
		time.Sleep(6 * time.Second)
		synctest.Wait()
		for name := range memory.files {
			if strings.HasPrefix(name, "/card/") && name != "/card/state" {
				t.Errorf("%s is still there", name)
			}
		}
		if beats < 30 {
			t.Errorf("got %d beats in 300 s", beats)
		}
		stop()
	})
}

func TestAFailureIsLoggedOnceAndSoIsItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := testSpool(newMemoryFS())
		broken, log, stop := runBreakable(t, s)
		appendMany(t, s, 1, 10)
		broken.Store(true)
		for n := range uint64(100) {
			appendMany(t, s, 11+n, 11+n)
			time.Sleep(time.Second)
		}
		st := s.State()
		if st.Tmpfs.Cause == nil || st.Disk.Cause == nil || st.Tmpfs.Waiting != 110 {
			t.Errorf("got %+v", st)
		}
		broken.Store(false)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		stop()
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		want := []string{
			"level=WARN msg=\"tmpfs spool fails",
			"level=WARN msg=\"disk spool fails",
			"level=INFO msg=\"tmpfs spool works again",
			"level=INFO msg=\"disk spool works again",
		}
		for _, w := range want {
			if n := strings.Count(log.String(), w); n != 1 {
				t.Errorf("got %d lines %q, want 1", n, w)
			}
		}
		if len(lines) != len(want) {
			t.Errorf("got the lines\n%s", log.String())
		}
		if got := len(readAll(s)); got != 110 {
			t.Errorf("got %d records, want 110", got)
		}
	})
}

// A card that comes and goes must not fill the log.
func TestManyFailuresAreAFewLogLines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := testSpool(newMemoryFS())
		broken, log, stop := runBreakable(t, s)
		for n := range uint64(150) {
			broken.Store(n%2 == 0)
			for m := range uint64(40) {
				appendMany(t, s, 40*n+m+1, 40*n+m+1)
				time.Sleep(time.Second)
			}
		}
		synctest.Wait()
		stop()
		for _, store := range []string{"tmpfs", "disk"} {
			for _, words := range []string{"fails", "works again"} {
				if n := strings.Count(log.String(), store+" spool "+words); n != 7 {
					t.Errorf("got %d lines that the %s spool %s, want those of the failures 1, 2, 4, 8, 16, 32 and 64", n, store, words)
				}
			}
		}
		if !strings.Contains(log.String(), " times=64\n") {
			t.Errorf("got no line of the 64th failure in\n%s", log.String())
		}
	})
}

func TestALineForWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	memory := newMemoryFS()
	for _, name := range []string{"photo.jpg", "topics", "topics.new"} {
		memory.files["/card/"+name] = &memoryFile{of: memory}
	}
	var log bytes.Buffer
	s := testSpool(memory)
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	mustOpen(t, s)
	want := `msg="spool directory holds files that are not the spool's: they are left alone" dir=/card files=1 first=photo.jpg`
	if !strings.Contains(log.String(), want) {
		t.Errorf("got %q, want %q", log.String(), want)
	}
}
