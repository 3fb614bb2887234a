//go:build faults

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A restarted is the program under random faults, which include kills.
type restarted struct {
	*stormy
	daemon *process
	kept   bool // its directories never failed

	sound              bool // kept, for the previous run
	queued             int  // by the account of the previous run; -1: none
	kills, stops       int
	spoiled            int // runs whose directories failed
	taken, given, most int // readings; those that may be missing; KiB resident
}

func TestFault32RandomFaultsAndKills(t *testing.T) {
	t.Parallel()
	r := &restarted{stormy: newStormy(t), queued: -1}
	r.config = filepath.Join(t.TempDir(), "config.toml")
	r.start()
	r.network(r.proxy)
	r.weather.broker(r.broker)
	r.spoil("card", r.card)
	r.spoil("tmpfs", r.runtime)
	r.add("reload", 20*time.Second, 0, fault{"another configuration", func() func() { r.reload(r.otherConfig()); return nil }},
		fault{"the first configuration", func() func() { r.reload(r.calmConfig()); return nil }},
		fault{"a wrong configuration", func() func() { r.reload("nonsense"); return nil }})
	r.add("daemon", 15*time.Second, 0, fault{"ends", r.restart})
	for start := time.Now(); time.Since(start) < storm(t) && !t.Failed(); time.Sleep(100 * time.Millisecond) {
		if !r.daemon.running() {
			t.Fatal("the daemon has ended")
		}
		r.tick()
	}
	r.clear()
	r.proxy.Reset()
	r.reload(r.calmConfig())
	r.drain()
	r.check()
}

// calmConfig is the configuration at the start and at the end.
func (r *restarted) calmConfig() string {
	return r.base("replay") + moody("a") + moody("b", "qos = 2") + moody("c") + moody("d")
}

// otherConfig is a random configuration that drops no readings.
func (r *restarted) otherConfig() string {
	config := r.base(r.oneOf("replay", "history"))
	for _, name := range []string{"a", "b", "c", "d"} {
		config += moody(name, r.shuffled(`topic = "moved/{quantity}/{sensor}"`, "retain = false", `unit = "°F"`)...)
	}
	return config
}

func (r *restarted) reload(config string) {
	r.t.Helper()
	r.daemon.stderr.await(r.t, "DEBUG read sensor=") // until then a SIGHUP may end it
	r.daemon.rewrite(config)
	r.daemon.signal(syscall.SIGHUP)
}

// spoil adds the faults of a directory and records that they happened.
func (r *restarted) spoil(name string, d *disk) {
	faults := slices.Concat(d.failures(), d.damages(r.weather))
	for i, f := range faults {
		faults[i].begin = func() func() {
			r.kept = false
			return f.begin()
		}
	}
	r.add(name, time.Minute, 10*time.Second, faults...)
}

// start starts a run.
func (r *restarted) start() {
	r.t.Helper()
	r.kept = true
	if err := os.WriteFile(r.config, []byte(r.calmConfig()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.daemon = start(r.t, prepare(r.t, nil, "run", "--config", r.config, "--log-level", "debug"))
}

// restart ends the run and starts another. It kills the run if its directories
// never failed; otherwise the run has to log what it lost.
func (r *restarted) restart() (end func()) {
	r.t.Helper()
	well := true
	for _, p := range r.parts {
		if p.end != nil && p.now == directoryAway {
			return nil // it would make another
		}
		well = well && (p.end == nil || p.name != "card" && p.name != "tmpfs")
	}
	r.stop(r.kept && r.random.IntN(4) > 0)
	r.start()
	r.kept = well
	return nil
}

// opened matches what the log says of readings left by an earlier run.
var opened = regexp.MustCompile(`spool opened waiting=(\d+) damaged=(\d+)`)

// stop ends a run and records what its log says.
func (r *restarted) stop(kill bool) {
	r.t.Helper()
	r.most = max(r.most, procField(r.t, r.daemon, "VmHWM"))
	var a account
	if kill {
		r.kills++
		r.daemon.kill()
	} else {
		r.stops++
		a = r.daemon.stop()
	}
	log := r.daemon.stderr.String()
	if kill && log == "" {
		return // before its spool was open, so the next run finds what the last one left
	}
	for line := range strings.Lines(log) {
		if !strings.Contains(line, " sensor=") {
			r.t.Logf("  %.300s", strings.TrimSuffix(line, "\n"))
		}
	}
	waiting, damaged := 0, 0
	if found := opened.FindStringSubmatch(log); found != nil {
		waiting, _ = strconv.Atoi(found[1])
		damaged, _ = strconv.Atoi(found[2])
	}
	r.leftBehind(waiting)
	r.taken += strings.Count(log, "DEBUG read sensor=")
	if !r.kept {
		r.spoiled++
	}
	r.queued, r.sound = -1, r.kept
	if kill {
		r.given += damaged
	} else {
		r.given += a.dropped // the damaged ones are among them
		r.queued = a.queued
	}
}

// leftBehind compares what a run found with what the previous one left.
// Readings that were delivered before older ones may be found without having
// been queued, at most as many as the queue's capacity.
func (r *restarted) leftBehind(waiting int) {
	r.t.Helper()
	switch missing := r.queued - waiting; {
	case r.queued < 0:
	case r.sound && (missing > 0 || missing < -queueCapacity):
		r.t.Errorf("%d were queued at the stop, the next run has found %d", r.queued, waiting)
	case missing > 0:
		r.given += missing
	}
}

// drain runs the daemon until everything is delivered.
func (r *restarted) drain() {
	r.t.Helper()
	for deadline := time.Now().Add(3 * patience); ; {
		time.Sleep(5 * time.Second)
		r.stop(false)
		if r.queued == 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%d are still queued after %v", r.queued, 3*patience)
		}
		r.start()
	}
}

// check checks that every reading arrived that was not dropped.
func (r *restarted) check() {
	r.t.Helper()
	distinct, missing := r.witness.totals()
	arrived := int(distinct)
	r.t.Logf("%d faults, %d kills, %d stops; %d KiB resident at most", r.count, r.kills, r.stops, r.most)
	r.t.Logf("%d readings were taken, %d have arrived in %d messages, %d may be missing, %d numbers are",
		r.taken, arrived, r.witness.messages, r.given, missing)
	if arrived+r.given < r.taken {
		r.t.Errorf("%d are missing, %d may be", r.taken-arrived, r.given)
	}
	const buses = 4 // a reading of each may have been kept and not logged when the process was killed
	if most := r.taken + buses*r.kills; arrived > most {
		r.t.Errorf("%d have arrived, %d at most were taken", arrived, most)
	}
	// With a damaged state the numbers jump ahead; after a kill they do
	// not.
	if gaps := r.witness.gaps(); r.given == 0 && gaps > r.spoiled {
		r.t.Errorf("%d numbers were left out, in %d places, want %d places at most", missing, gaps, r.spoiled)
	}
	if r.most > maxMemory {
		r.t.Errorf("got %d KiB resident, want %d at most", r.most, maxMemory)
	}
}
