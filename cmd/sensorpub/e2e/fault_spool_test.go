//go:build faults

package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFault18KillsWhileConnected(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a", "b", "c")
	k.killOften(200, 5*time.Millisecond, 250*time.Millisecond)
	a := k.drain()
	k.check(k.runs)
	if a.dropped != 0 {
		t.Errorf("got %+v, want nothing dropped", a)
	}
}

func TestFault18KillsWithoutTheBroker(t *testing.T) {
	t.Parallel()
	newKeeper(t, "a", "b", "c").killOffline(200, 5*time.Millisecond, 250*time.Millisecond)
}

// offCard makes a keeper offline, with a real file system as its card, which is
// written once a second.
func offCard(t *testing.T, sensors ...string) (*keeper, *card) {
	t.Helper()
	c := newCard(t, 16)
	k := newKeeper(t, sensors...)
	k.broker.kill()
	k.keepIn(c.dir, `spill_after = "200ms"`, `flush_interval = "1s"`)
	return k, c
}

// keepIn changes where and how the spool is kept.
func (k *keeper) keepIn(dir string, lines ...string) {
	old := fmt.Sprintf("dir = %q\n", k.dir)
	k.config = strings.Replace(k.config, old, fmt.Sprintf("dir = %q\n%s\n", dir, strings.Join(lines, "\n")), 1)
	k.dir = dir
}

func TestFault19PowerCuts(t *testing.T) {
	t.Parallel()
	k, c := offCard(t, "a", "b")
	for range 12 {
		d := k.start()
		time.Sleep(between(time.Second, 5*time.Second))
		d.signal(syscall.SIGSTOP)
		image := c.cut()
		d.kill()
		k.end(d)
		c.unmount()
		c = mountCard(t, image)
		k.loseRuntime(c.dir)
	}
	k.broker.restart()
	k.live = dialClient(t, k.broker.addr).subscribe("temperature/#")
	before := maps.Clone(k.taken)
	a := k.drain()
	if a.dropped != 0 {
		t.Errorf("got %+v, want nothing dropped", a)
	}
	// Each run may lose what was read in its last second, and a little for
	// the time that a batch takes on a busy machine.
	arrived := 0
	for name, taken := range k.taken {
		seqs := k.seqs["temperature/"+name]
		seen := make(map[int]bool)
		turns := make(map[int]int) // the last value of each counts
		for i, n := range seqs {
			seen[n] = true
			turns[n] = i
		}
		// What was read in the meantime is sent at once.
		numbers := slices.Sorted(maps.Keys(seen))
		newest := numbers[max(0, len(numbers)-(taken-before[name])-2)]
		previous := 0
		for i, n := range seqs {
			if turns[n] != i || n > newest {
				continue
			}
			if n < previous {
				t.Errorf("%s: %d came after %d", name, n, previous)
			}
			previous = n
		}
		arrived += len(seen)
		if most := 13 * 15; taken-len(seen) > most {
			t.Errorf("%s: %d of %d readings were lost, want %d at most", name, taken-len(seen), taken, most)
		}
		t.Logf("%s: %d taken, %d arrived", name, taken, len(seen))
	}
}

// loseRuntime empties the tmpfs, as a reboot does, and continues with another
// card.
func (k *keeper) loseRuntime(dir string) {
	k.t.Helper()
	if err := os.RemoveAll(k.runtime); err != nil {
		k.t.Fatal(err)
	}
	k.config = strings.ReplaceAll(k.config, k.dir, dir)
	k.dir = dir
}

func TestFault21CardFullOrReadOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		spoil   func(c *card)
		heal    func(c *card)
		atStart bool
	}{
		{"full at the start", (*card).fill, (*card).empty, true},
		{"full while offline", (*card).fill, (*card).empty, false},
		{"read-only at the start", func(c *card) { c.remount("ro") }, func(c *card) { c.remount("rw") }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k, card := offCard(t, "a", "b")
			if c.atStart {
				c.spoil(card)
			}
			d := k.start()
			if !c.atStart {
				time.Sleep(3 * time.Second)
				c.spoil(card)
			}
			d.stderr.await(t, "WARN  disk spool fails")
			time.Sleep(2 * time.Second)
			c.heal(card)
			healed := time.Now()
			d.stderr.await(t, "INFO  disk spool works again")
			if took := time.Since(healed); took > time.Minute {
				t.Errorf("recovered after %v, want 60 s at most", took)
			} else {
				t.Logf("recovered %v after the repair", took.Round(time.Second))
			}
			k.killAndDrain(d)
		})
	}
}

// TestFault21CardThatTheKernelGivesUp makes the file system stop after an
// error. Only a check repairs it, while nobody uses it.
func TestFault21CardThatTheKernelGivesUp(t *testing.T) {
	t.Parallel()
	k, c := offCard(t, "a", "b")
	d := k.start()
	time.Sleep(3 * time.Second)
	c.remount("abort")
	d.stderr.await(t, "WARN  disk spool fails")
	time.Sleep(2 * time.Second)
	a := d.stop()
	k.end(d)
	if a.queued != a.read {
		t.Errorf("got %+v, want all queued", a)
	}
	dir := c.dir
	c.unmount()
	exec.Command("e2fsck", "-fy", c.device).Run() // 1: it has repaired something
	tool(t, "mount", "-o", "noatime", c.device, dir)
	c.dir = dir
	k.broker.restart()
	k.live = dialClient(t, k.broker.addr).subscribe("temperature/#")
	if a := k.drain(); a.dropped != 0 {
		t.Errorf("got %+v, want nothing dropped", a)
	}
	k.check(2)
}

// killAndDrain kills a run and starts another, which delivers what was left to
// the broker, which is back.
func (k *keeper) killAndDrain(d *process) {
	k.t.Helper()
	d.kill()
	k.end(d)
	k.broker.restart()
	k.live = dialClient(k.t, k.broker.addr).subscribe("temperature/#")
	if a := k.drain(); a.dropped != 0 {
		k.t.Errorf("got %+v, want nothing dropped", a)
	}
	k.check(2)
}

func TestFault21RuntimeDirectoryFull(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "a", "b")
	tmpfs := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmpfs).CombinedOutput(); err != nil {
		needsRoot(t, "mount", fmt.Errorf("%w: %s", err, out))
	}
	c := &card{t: t, dir: tmpfs}
	t.Cleanup(c.unmount)
	k.config = strings.ReplaceAll(k.config, k.runtime, tmpfs)
	k.runtime = tmpfs
	k.broker.kill()
	c.fill()
	d := k.start()
	d.stderr.await(t, "WARN  tmpfs spool fails")
	time.Sleep(3 * time.Second)
	c.empty()
	healed := time.Now()
	d.stderr.await(t, "INFO  tmpfs spool works again")
	t.Logf("recovered %v after the repair", time.Since(healed).Round(time.Second))
	k.killAndDrain(d)
}

func TestFault27OutageOf200000Readings(t *testing.T) {
	t.Parallel()
	const buses, quantities, wanted = 50, 4, 200_000
	k := newKeeper(t)
	k.broker.kill()
	k.keepIn(k.dir, "max_bytes = 1048576", `spill_after = "1s"`, `flush_interval = "5s"`)
	for i := range buses {
		k.config += sensor(fmt.Sprintf("s%d", i), `interval = "100ms"`,
			`options = { quantities = ["temperature", "humidity", "pressure", "co2"] }`)
	}
	notify := newNotifySocket(t)
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path}, k.config)
	for read := 0; read < wanted; { // 100 s, if the machine keeps up
		told := notify.next(`; (\d+) read, `)
		read, _ = strconv.Atoi(told[1])
	}
	most := procField(t, d, "VmHWM")
	a := d.stop()
	t.Logf("%d KiB resident at most, %d bytes on the card, %d in the runtime directory, %+v",
		most, diskUse(t, k.dir), diskUse(t, k.runtime), a)
	if a.read < wanted || a.dropped == 0 || a.queued == 0 || a.queued+a.dropped != a.read {
		t.Errorf("got %+v, want 200000 read, and what is not queued dropped", a)
	}
	if most > 20<<10 {
		t.Errorf("got %d KiB resident, want 20 MiB at most", most)
	}
	for _, dir := range []string{k.dir, k.runtime} {
		if n := diskUse(t, dir); n > 1<<20+64<<10 {
			t.Errorf("%s has %d bytes, want 1 MiB and the state at most", dir, n)
		}
	}
	k.broker.restart()
	k.live = dialClient(t, k.broker.addr).subscribe("#")
	kept, dropped := a.queued, 0
	for a.queued > 0 {
		d = startDaemon(t, k.config)
		k.noteReadings(k.live.until(statusTopic, "online"))
		a = d.stop()
		dropped += a.dropped
	}
	k.newestArrived(buses*quantities, kept, dropped)
}

// noteReadings records everything but the daemon's status.
func (k *keeper) noteReadings(all []message) {
	for _, m := range all {
		if m.topic != statusTopic {
			k.note(m)
		}
	}
}

// newestArrived checks that the newest readings of each topic arrived, without
// a gap and no fewer than were kept. On a slow machine the spool is still full
// while new readings come in, and the oldest unsent ones are dropped.
func (k *keeper) newestArrived(topics, kept, dropped int) {
	k.t.Helper()
	k.noteReadings(k.live.rest())
	arrived, missing := 0, 0
	for topic, seqs := range k.seqs {
		slices.Sort(seqs)
		seqs = slices.Compact(seqs)
		if gap := seqs[len(seqs)-1] - seqs[0] + 1 - len(seqs); gap > 0 {
			k.t.Logf("%s: %d readings have arrived, with the numbers %d to %d", topic, len(seqs), seqs[0], seqs[len(seqs)-1])
			missing += gap
		}
		arrived += len(seqs)
	}
	if missing > dropped {
		k.t.Errorf("%d readings are missing among those that have arrived, %d were dropped meanwhile", missing, dropped)
	}
	if len(k.seqs) != topics || arrived+dropped < kept {
		k.t.Errorf("%d readings of %d topics have arrived and %d were dropped, %d of %d were kept", arrived, len(k.seqs), dropped, kept, topics)
	}
}

func TestFault19CardBytes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		flush   time.Duration
		batches time.Duration
		most    int64 // bytes a reading
	}{
		// Ten times faster than one reading a second, so that a batch
		// is as large.
		{"batches of 10", time.Second, 40, 2560},
		{"batches of 60", 6 * time.Second, 8, 1229},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			card := newCard(t, 16)
			k := newKeeper(t, "a")
			k.keepIn(card.dir, `spill_after = "5s"`, fmt.Sprintf("flush_interval = %q", c.flush))
			d := k.start()
			k.note(k.live.next())
			atStart := card.written()
			time.Sleep(10 * time.Second)
			connected := card.written() - atStart
			k.broker.kill()
			time.Sleep(5*time.Second + c.flush + time.Second) // because the first batch is larger
			before, read := card.written(), strings.Count(d.stderr.String(), "DEBUG read sensor=")
			time.Sleep(c.batches * c.flush)
			bytes := card.written() - before
			readings := int64(strings.Count(d.stderr.String(), "DEBUG read sensor=") - read)
			d.stop()
			t.Logf("%d bytes at the start, %d in 10 s connected, %d for %d readings: %d each",
				atStart, connected, bytes, readings, bytes/readings)
			if connected > 1<<20/360 {
				t.Errorf("got %d bytes in 10 s while connected, want less than 1 MiB an hour", connected)
			}
			if bytes > c.most*readings {
				t.Errorf("got %d bytes a reading, want %d at most", bytes/readings, c.most)
			}
		})
	}
}
