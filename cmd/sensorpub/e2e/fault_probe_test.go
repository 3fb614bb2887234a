//go:build faults

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// put replaces a file of the probe atomically and removes the other of the two
// that the driver reads.
func (w *w1Tree) put(name, text string) {
	w.t.Helper()
	other := map[string]string{"w1_slave": "temperature", "temperature": "w1_slave"}[name]
	file := filepath.Join(w.dir, name)
	if err := os.WriteFile(file+".new", []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		w.t.Fatal(err)
	}
	os.Remove(filepath.Join(w.dir, other))
}

// value returns the value of a JSON payload.
func value(payload string) string {
	_, rest, _ := strings.Cut(payload, `"value":`)
	v, _, _ := strings.Cut(rest, ",")
	return v
}

const slaveZero = "00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n"

// probed is a daemon with a probe whose files the test writes.
type probed struct {
	*w1Tree
	daemon   *process
	listener *listener
	good     map[string]bool // values that are true
	failures int
}

// shows makes the probe return a value and waits for its arrival.
func (p *probed) shows(celsius float64) {
	p.t.Helper()
	v := strconv.FormatFloat(celsius, 'f', -1, 64)
	if !strings.Contains(v, ".") {
		v += ".0"
	}
	p.good[v] = true
	start := time.Now()
	p.put("temperature", strconv.Itoa(int(celsius*1000)))
	p.listener.since(start, patience, v, func(a arrival) bool { return value(a.payload) == v })
}

// fails waits until the probe becomes unavailable again, for that cause.
func (p *probed) fails(cause string) {
	p.t.Helper()
	p.failures++
	for {
		text, changed := p.daemon.stderr.now()
		var lines []string
		for line := range strings.Lines(text) {
			if strings.Contains(line, "sensor unavailable") {
				lines = append(lines, line)
			}
		}
		if len(lines) >= p.failures {
			if line := lines[p.failures-1]; !strings.Contains(line, cause) {
				p.t.Errorf("got %q, want the cause %q", line, cause)
			}
			return
		}
		select {
		case <-changed:
		case <-time.After(patience):
			p.t.Fatalf("waited %v for the cause %q", patience, cause)
		}
	}
}

func TestFault25ProbeFileIsWrong(t *testing.T) {
	t.Parallel()
	m, w := startMosquitto(t), newW1Tree(t)
	p := &probed{w1Tree: w, listener: listen(t, dial(t, m.addr)), good: make(map[string]bool)}
	w.put("temperature", "20000")
	p.daemon = startDaemonIn(t, w.env(), faultConfig(t, m.tcp())+oneProbe, "--log-level", "debug")
	p.shows(20)
	for i, c := range []struct{ name, file, text, cause string }{
		{"empty", "temperature", "", "the kernel got no valid answer"},
		{"the power-on value", "temperature", "85000\n", "rejected (power-on)"},
		{"the power-on scratchpad", "w1_slave", slave85, "rejected (power-on)"},
		{"too little power to convert", "temperature", "127937\n", "rejected (range)"},
		{"not connected", "temperature", "-127000\n", "rejected (range)"},
		{"an all-zero scratchpad", "w1_slave", slaveZero, "rejected (all-zero)"},
		{"a wrong checksum", "w1_slave", slaveBad, "rejected (crc)"},
		{"no number", "temperature", "NaN\n", "want thousandths of a degree"},
		{"a megabyte", "temperature", strings.Repeat("1", 1<<20), ""},
		{"a megabyte of scratchpad", "w1_slave", strings.Repeat("00 ", 1<<20/3), ""},
		{"binary garbage", "w1_slave", "\x00\xff\x1b[2J\n", "want nine bytes"},
	} {
		p.put(c.file, c.text)
		p.fails(c.cause)
		t.Logf("%s: %s", c.name, c.cause)
		p.shows(20 + float64(i+1)/8)
	}
	if err := os.Rename(w.dir, filepath.Join(w.root, "gone")); err != nil { // atomically, with its contents
		t.Fatal(err)
	}
	p.fails("28-0316a2794fff has vanished from the 1-Wire bus")
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, celsius := range []float64{22.5, 60, 82, 84.5, 85, 86} { // a real 85 °C, slowly reached
		p.shows(celsius)
	}
	all, _ := p.listener.now()
	for _, a := range all {
		if !p.good[value(a.payload)] {
			t.Errorf("got %s, which was never true", a.payload)
		}
	}
	a := finish(t, p.daemon)
	if a.rejected < 6 || a.read != a.acknowledged+a.rejected {
		t.Errorf("got %+v, want 6 or more rejected and the rest acknowledged", a)
	}
}

// Each value occurs once, so that a missing one shows.
func TestFault26SpikeAndStep(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	l := listen(t, dial(t, m.addr))
	var values []string
	index := make(map[string]int)
	for i := range 2000 {
		level := 20 + 12*(i/25%3) // a step at each 25th
		values = append(values, fmt.Sprintf("%d.%04d", level, i+1))
		v := strings.TrimRight(values[i], "0")
		index[v] = i
	}
	d := startDaemon(t, faultConfig(t, m.tcp())+"precision = 4\n"+sensor("outside", `interval = "100ms"`,
		`options = { values = [`+strings.Join(values, ", ")+`], script = "ok*9, spike, ok*14, spike" }`, "filter = { max_step = 5 }"))
	l.since(time.Time{}, patience, "150 readings", func(a arrival) bool { return a.seq >= 150 })
	a := finish(t, d)
	arrived(a.acknowledged, l)
	all, _ := l.now()
	slices.SortStableFunc(all, func(a, b arrival) int { return a.seq - b.seq }) // the first ones may have waited for the connection
	last, steps := -1, 0
	for _, m := range all {
		i, isTrue := index[value(m.payload)]
		if !isTrue {
			t.Fatalf("got %s, which is a spike", m.payload)
		}
		if i < last {
			t.Errorf("got %s after the %dth value", m.payload, last)
		}
		jumped := last >= 0 && last/25 != i/25
		if missing := i - last - 1; missing > 1 || missing == 1 && !jumped {
			t.Errorf("%d values are missing before %s, want a step to show with its second", missing, m.payload)
		}
		if jumped {
			steps++
		}
		last = i
	}
	if steps < 5 || a.rejected < 10 {
		t.Errorf("got %d steps and %+v, want 5 steps or more", steps, a)
	}
	t.Logf("%d steps, %d values rejected", steps, a.rejected)
}
