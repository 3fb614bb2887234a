package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A keeper is a daemon with a spool that is restarted again and again, and a
// subscriber that records what it publishes.
type keeper struct {
	t            *testing.T
	broker       *mosquitto
	live         *client
	dir, runtime string
	config       string
	taken        map[string]int   // readings that the runs logged, by sensor
	seqs         map[string][]int // of what has arrived, by topic
	runs         int
}

// newKeeper returns a keeper with these sensors, each read ten times a second.
func newKeeper(t *testing.T, sensors ...string) *keeper {
	t.Helper()
	k := &keeper{
		t: t, broker: startMosquitto(t, "max_inflight_messages 0", "max_queued_messages 0"), dir: t.TempDir(), runtime: t.TempDir(),
		taken: make(map[string]int), seqs: make(map[string][]int),
	}
	k.live = dialClient(t, k.broker.addr).subscribe("temperature/#")
	k.config = brokerConfig(k.broker.tcp()) + "[publish]\nencoding = \"json\"\n" +
		fmt.Sprintf("[spool]\ndir = %q\nruntime_dir = %q\n", k.dir, k.runtime)
	for _, s := range sensors {
		k.config += sensor(s, `interval = "100ms"`, "options = { values = [28.4] }")
	}
	return k
}

// start starts a run.
func (k *keeper) start() *process {
	k.t.Helper()
	k.runs++
	return startDaemon(k.t, k.config, "--log-level", "debug")
}

// end records what a run that has ended has read.
func (k *keeper) end(d *process) {
	for line := range strings.Lines(d.stderr.String()) {
		if _, rest, found := strings.Cut(line, "DEBUG read sensor="); found {
			name, _, _ := strings.Cut(rest, " ")
			k.taken[name]++
		}
	}
}

// killOften kills the daemon n times at random moments.
func (k *keeper) killOften(n int, least, most time.Duration) {
	k.t.Helper()
	for range n {
		d := k.start()
		time.Sleep(between(least, most))
		d.kill()
		k.end(d)
	}
}

// drain runs the daemon until everything is delivered, records what arrived,
// and returns the last account.
func (k *keeper) drain() account {
	k.t.Helper()
	d := k.start()
	d.stderr.await(k.t, "connected")
	var a account
	for deadline := time.Now().Add(patience); ; {
		time.Sleep(500 * time.Millisecond)
		a = d.stop()
		k.end(d)
		if a.queued == 0 || time.Now().After(deadline) {
			break
		}
		d = k.start()
	}
	k.note(k.live.rest()...)
	return a
}

// note notes what has arrived.
func (k *keeper) note(all ...message) {
	for _, m := range all {
		k.seqs[m.topic] = append(k.seqs[m.topic], seqOf(k.t, m.payload).number)
	}
}

// check checks that all readings arrived, and none more often than lost
// connections explain.
func (k *keeper) check(losses int) {
	k.t.Helper()
	distinct, messages := 0, 0
	for name, taken := range k.taken {
		seen := make(map[int]bool)
		seqs := k.seqs["temperature/"+name]
		for _, n := range seqs {
			seen[n] = true
		}
		if len(seqs) == 0 {
			k.t.Errorf("%s: nothing has arrived", name)
			continue
		}
		if first, last := slices.Min(seqs), slices.Max(seqs); len(seen) != last-first+1 {
			k.t.Errorf("%s: %d readings have arrived, with the numbers %d to %d", name, len(seen), first, last)
		}
		if len(seen) < taken {
			k.t.Errorf("%s: got %d readings, %d were taken", name, len(seen), taken)
		}
		distinct += len(seen)
		messages += len(seqs)
	}
	if most := 16 * losses; messages-distinct > most {
		k.t.Errorf("%d messages came twice, want %d at most", messages-distinct, most)
	}
	k.t.Logf("%d runs, %d readings, %d messages twice", k.runs, distinct, messages-distinct)
}

func TestKillsWhileConnectedLoseNothing(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a", "b", "c")
	k.killOften(15, 20*time.Millisecond, 300*time.Millisecond)
	a := k.drain()
	k.check(k.runs)
	if a.queued != 0 || a.dropped != 0 {
		t.Errorf("got %+v, want nothing queued or dropped", a)
	}
	if n := diskUse(t, k.dir); n > 16<<10 {
		t.Errorf("%d bytes are on the card, want none but the state", n)
	}
}

func TestKillsWithoutTheBrokerLoseNothing(t *testing.T) {
	t.Parallel()
	newKeeper(t, "a", "b", "c").killOffline(15, 20*time.Millisecond, 300*time.Millisecond)
}

// killOffline kills the daemon often while the broker is down, and checks that
// everything arrives when it is back.
func (k *keeper) killOffline(times int, least, most time.Duration) {
	k.t.Helper()
	k.broker.kill()
	k.killOften(times, least, most)
	k.broker.restart()
	k.live = dialClient(k.t, k.broker.addr).subscribe("temperature/#")
	k.drain()
	k.check(2)
}

func TestStopOfflineKeepsTheReadingsOnTheCard(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a")
	k.broker.kill()
	soon(t, slowdown*time.Second, func() time.Duration {
		d := k.start()
		d.stderr.await(t, "DEBUG read sensor=")
		sent := time.Now()
		a := d.stop()
		took := time.Since(sent)
		k.end(d)
		d.stderr.await(t, "stopped; the spool keeps queued readings")
		if a.queued == 0 || a.queued != a.read {
			t.Errorf("got %+v, want all queued", a)
		}
		return took
	})
	if err := os.RemoveAll(k.runtime); err != nil { // as a reboot does
		t.Fatal(err)
	}
	k.broker.restart()
	k.live = dialClient(t, k.broker.addr).subscribe("temperature/#")
	k.drain()
	k.check(1)
}

func TestSecondInstanceOnTheSpoolExitsWith1(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a")
	first := k.start()
	first.stderr.await(t, "DEBUG read sensor=")
	second := k.start()
	if code := second.wait(); code != 1 {
		t.Errorf("got exit code %d, want 1", code)
	}
	got := second.stderr.String()
	if !strings.Contains(got, k.runtime) && !strings.Contains(got, k.dir) || !strings.Contains(got, "\nhint: is sensorpub running already?") {
		t.Errorf("got %q, want the directory and a hint in it", got)
	}
	first.stop()
}

func TestUnusualSpoolDirectories(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		make   func(t *testing.T, dir string) // dir does not exist yet
		logs   string
		spools bool // the stop leaves readings there
	}{
		{"missing, and its parent too", func(*testing.T, string) {}, "", true},
		{"a link to a directory, as systemd makes it", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Dir(dir), 0o755))
			must(t, os.Symlink(t.TempDir(), dir))
		}, "", true},
		{"with files of another program", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(dir, 0o755))
			must(t, os.WriteFile(filepath.Join(dir, "diary.txt"), []byte("dear"), 0o644))
		}, "first=diary.txt", true},
		{"a file", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Dir(dir), 0o755))
			must(t, os.WriteFile(dir, []byte("dear"), 0o644))
		}, "not a directory", false},
		{"a link that leads nowhere", func(t *testing.T, dir string) {
			must(t, os.MkdirAll(filepath.Dir(dir), 0o755))
			must(t, os.Symlink("/no/such/place", dir))
		}, "disk spool fails", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := newKeeper(t, "a")
			k.broker.kill()
			dir := filepath.Join(k.dir, "var", "spool")
			c.make(t, dir)
			k.config = strings.ReplaceAll(k.config, strconv.Quote(k.dir), strconv.Quote(dir))
			d := k.start()
			d.stderr.await(t, "DEBUG read sensor=")
			if a := d.stop(); a.queued == 0 || a.dropped > 0 {
				t.Errorf("got %+v, want all queued", a)
			}
			log := d.stderr.String()
			if !strings.Contains(log, c.logs) {
				t.Errorf("want %q in the log", c.logs)
			}
			if fails := strings.Contains(log, "disk spool fails"); fails == c.spools {
				t.Errorf("got a line that the card fails: %v, want %v", fails, !c.spools)
			}
			found, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
			if (len(found) > 0) != c.spools {
				t.Errorf("got %q in the directory, want segments: %v", found, c.spools)
			}
			if text, err := os.ReadFile(filepath.Join(dir, "diary.txt")); err == nil && string(text) != "dear" {
				t.Errorf("the diary says %q", text)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStalledBrokerAtTheStop(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a")
	d := k.start()
	k.note(k.live.next())
	k.broker.cmd.Process.Signal(syscall.SIGSTOP)
	defer k.broker.cmd.Process.Signal(syscall.SIGCONT)
	d.awaitReads(2) // they wait
	sent := time.Now()
	a := d.stop()
	if took := time.Since(sent); took > 12*time.Second {
		t.Errorf("took %v, want at most 12 s", took)
	}
	if a.queued == 0 {
		t.Errorf("got %+v, want some queued", a)
	}
	k.end(d)
	k.broker.cmd.Process.Signal(syscall.SIGCONT)
	k.drain()
	k.check(2)
}

// diskUse returns the size of the files in a directory.
func diskUse(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
