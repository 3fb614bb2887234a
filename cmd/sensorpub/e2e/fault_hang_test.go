//go:build faults

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hang makes reads of w1_slave hang: it becomes a FIFO to which nobody writes.
func (w *w1Tree) hang() {
	w.t.Helper()
	file := filepath.Join(w.dir, "w1_slave")
	if err := syscall.Mkfifo(file+".new", 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		w.t.Fatal(err)
	}
}

// answer ends a hang: the pending read returns, and so do later ones.
func (w *w1Tree) answer(text string) {
	w.t.Helper()
	fifo, err := os.OpenFile(filepath.Join(w.dir, "w1_slave"), os.O_WRONLY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(text)
	fifo.WriteString(text)
	fifo.Close()
}

func TestFault23ReadHangs(t *testing.T) {
	t.Parallel()
	m, w, notify := startMosquitto(t), newW1Tree(t), newNotifySocket(t)
	w.write(slave28)
	l := listen(t, dial(t, m.addr))
	d := startDaemonIn(t, append(w.env(), "NOTIFY_SOCKET="+notify.path, "WATCHDOG_USEC=3000000"),
		faultConfig(t, m.tcp())+oneProbe+fast("inside", "200ms"))
	outside := func(a arrival) bool { return a.topic == liveTopic }
	l.since(time.Time{}, patience, "a reading of the probe", outside)

	w.hang()
	hung := time.Now()
	d.stderr.await(t, "sensor unavailable sensor=outside")
	noticed := time.Since(hung)
	if noticed > 30*time.Second {
		t.Errorf("unavailable after %v, want 30 s at most", noticed)
	}
	for range 5 { // a second apart
		notify.next("^WATCHDOG=1$")
	}
	healed := time.Now()
	w.answer(slave28)
	l.since(healed, patience, "a reading of the probe", outside)
	checkOnTime(t, l, "temperature/inside", hung, healed)

	w.hang()
	time.Sleep(time.Second)
	stopped := time.Now()
	a := finish(t, d)                                      // while the read hangs
	if took := time.Since(stopped); took > 5*time.Second { // half a second and the broker's answers, or for ever
		t.Errorf("the stop took %v, want 1 s", took)
	}
	if a.read != a.acknowledged+a.rejected {
		t.Errorf("got %+v, want what was not rejected acknowledged", a)
	}
	t.Logf("unavailable after %v", noticed)
}

// checkOnTime checks that a sensor with an interval of 200 ms was read
// throughout, apart from a few turns missed while the machine paused.
func checkOnTime(t *testing.T, l *listener, topic string, from, to time.Time) {
	t.Helper()
	all, _ := l.now()
	last := from
	var gaps []time.Duration
	for _, a := range all {
		at := measured(t, a.payload)
		if a.topic != topic || at.Before(from) || at.After(to) {
			continue
		}
		gaps = append(gaps, at.Sub(last))
		last = at
	}
	if want := int(to.Sub(from) / (200 * time.Millisecond)); len(gaps) < want/2 {
		t.Fatalf("%s was read %d times, want %d", topic, len(gaps), want)
	}
	slices.Sort(gaps)
	if middle, most := gaps[len(gaps)/2], gaps[len(gaps)-1]; middle > 300*time.Millisecond || most > 5*time.Second {
		t.Errorf("%s was read every %v (median) and not for %v once, want 200ms", topic, middle, most)
	}
}

// With all probes hung the watchdog is still fed, and there is one goroutine
// per bus, as the runtime shows on SIGQUIT.
func TestFault23AllReadsHang(t *testing.T) {
	t.Parallel()
	m, w, notify := startMosquitto(t), newW1Tree(t), newNotifySocket(t)
	w.hang()
	hangs := func(name string) string {
		return sensor(name, `interval = "100ms"`, `options = { script = "hang" }`)
	}
	d := startDaemonIn(t, append(w.env(), "NOTIFY_SOCKET="+notify.path, "WATCHDOG_USEC=3000000"),
		faultConfig(t, m.tcp())+oneProbe+hangs("a")+hangs("b")+hangs("c"))
	started := time.Now()
	for _, name := range []string{"outside", "a", "b", "c"} {
		d.stderr.await(t, "sensor unavailable sensor="+name)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("unavailable after %v, want 30 s at most", took)
	}
	for range 10 {
		notify.next("^WATCHDOG=1$")
	}
	keepsSecret(t, d, secret)
	d.signal(syscall.SIGQUIT)
	d.wait()
	text := d.stderr.String()
	if n := strings.Count(text, "(*Bus).Run("); n != 4 {
		t.Errorf("got %d goroutines for 4 buses", n)
	}
	if n := strings.Count(text, "\ngoroutine "); n > 40 {
		t.Errorf("got %d goroutines, want 40 at most", n)
	} else {
		t.Logf("%d goroutines", n)
	}
}
