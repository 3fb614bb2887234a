//go:build faults

package e2e

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// residentKiB returns the resident memory of this process (proc(5)).
func residentKiB(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// restored checks that no goroutines are left.
func (in *inside) restored(before int) {
	in.t.Helper()
	now := 0
	for range 50 {
		if now = runtime.NumGoroutine(); now <= before+2 {
			in.t.Logf("%d goroutines in the end", now)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	in.t.Errorf("got %d goroutines in the end, %d at the start:\n%s", now, before, stacks[:runtime.Stack(stacks, true)])
}

// check stops the daemon and checks the account, the memory and the log.
func (in *inside) check() {
	in.t.Helper()
	in.cancel()
	<-in.ended
	a := in.daemon.Snapshot().Account
	distinct, missing := in.witness.totals()
	in.t.Logf("%d faults; %d connections; %v", in.count, in.witness.links, a)
	in.t.Logf("%d readings have arrived in %d messages, %d are missing", distinct, in.witness.messages, missing)
	if err := a.Check(); err != nil || a.Queued != 0 {
		in.t.Errorf("got %v, want nothing queued (%v)", a, err)
	}
	if distinct < a.Acknowledged {
		in.t.Errorf("%d count as acknowledged, %d have arrived", a.Acknowledged, distinct)
	}
	var dropped uint64
	for _, n := range a.Dropped {
		dropped += n
	}
	if missing > dropped+a.Superseded {
		in.t.Errorf("%d are missing, %d count as dropped or superseded", missing, dropped+a.Superseded)
	}
	flat(in.t, "MiB of heap", in.heap)
	flat(in.t, "MiB resident", in.rss)
	lines := in.log.count()
	if most := 20 + 5*in.count; lines > most {
		in.t.Errorf("got %d log lines for %d faults, want %d at most", lines, in.count, most)
	}
	in.t.Logf("%d log lines", lines)
}

// A lineCounter passes a log on and counts its lines, except those about
// sensors, whose scripts cause many.
type lineCounter struct {
	mu sync.Mutex
	n  int
}

func (l *lineCounter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !bytes.Contains(line, []byte(" sensor=")) {
		l.n++
	}
	return os.Stderr.Write(line)
}

func (l *lineCounter) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.n
}

// flat checks that the last third of the values is at most a fifth and 2 above
// the first third.
func flat(t *testing.T, what string, values []float64) {
	t.Helper()
	third := len(values) / 3
	first, last := mean(values[:third]), mean(values[len(values)-third:])
	if last > first*1.2+2 {
		t.Errorf("%.1f %s in the first third, %.1f in the last, want it flat", first, what, last)
	}
	t.Logf("%.1f %s in the first third, %.1f in the last", first, what, last)
}

func mean(values []float64) (sum float64) {
	for _, v := range values {
		sum += v / float64(len(values))
	}
	return sum
}
