package e2e

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rewrite replaces the configuration of a daemon atomically.
func (p *process) rewrite(config string) {
	p.tb.Helper()
	file := p.cmd.Args[slices.Index(p.cmd.Args, "--config")+1]
	if err := os.WriteFile(file+".new", []byte(config), 0o600); err != nil {
		p.tb.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		p.tb.Fatal(err)
	}
}

// reload replaces the configuration, waits for the end of the reload, and
// returns what the log says of it.
func (p *process) reload(config string) string {
	p.tb.Helper()
	p.rewrite(config)
	before := p.stderr.String()
	p.signal(syscall.SIGHUP)
	timeout := time.After(patience)
	for {
		text, changed := p.stderr.now()
		for line := range strings.Lines(text[len(before):]) {
			if strings.Contains(line, "reloaded") && strings.HasSuffix(line, "\n") {
				return strings.TrimSuffix(line[strings.Index(line, "reloaded"):], "\n")
			}
		}
		select {
		case <-changed:
		case <-timeout:
			p.tb.Fatalf("waited %v for a reload", patience)
		}
	}
}

// numbered is a mock that is read ten times a second and publishes JSON.
func numbered(name string, lines ...string) string {
	return sensor(name, append([]string{`interval = "100ms"`, `encoding = "json"`}, lines...)...)
}

// complete checks that all readings of a sensor arrived, in order.
func complete(t *testing.T, all []passage, topic string) {
	t.Helper()
	if _, wrong := inTurn(t, all, topic); wrong > 0 {
		t.Fatalf("%s: reading %d is missing or too early: %v", topic, wrong, all)
	}
}

// inTurn returns how many of a sensor's readings have arrived, and the first
// that is missing, or before which a newer one of its lane came, or 0.
func inTurn(t *testing.T, all []passage, topic string) (n, wrong int) {
	t.Helper()
	seen, before := make(map[int]bool), make(map[lane]int)
	for _, p := range onTopic(all, topic) {
		number := seqOf(t, p.payload).number
		if seen[number] = true; number < before[p.lane()] {
			wrong = number
		}
		before[p.lane()] = number
	}
	for n := 1; n <= len(seen) && wrong == 0; n++ {
		if !seen[n] {
			wrong = n
		}
	}
	return len(seen), wrong
}

// awaitReadings waits until n messages to the topic have passed.
func (r *relay) awaitReadings(topic string, n int) {
	r.tb.Helper()
	r.await(fmt.Sprintf("%d messages to %s", n, topic), func(all []passage) bool { return len(onTopic(all, topic)) >= n })
}

func onTopic(all []passage, topic string) (found []passage) {
	for _, p := range all {
		if p.topic == topic {
			found = append(found, p)
		}
	}
	return found
}

func TestReloadChangesWhatHasChanged(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	front := newRelay(t, m.addr).start()
	base := brokerConfig("mqtt://" + front.addr)
	d := startDaemon(t, base+numbered("kept")+numbered("changed", `stale_after = "1m"`)+numbered("removed", `stale_after = "1m"`))
	for _, name := range []string{"kept", "changed", "removed"} {
		front.awaitReadings("temperature/"+name, 3)
	}
	live := dialClient(t, m.addr).subscribe("sensorpub/garden-pi/removed/status")
	live.until("sensorpub/garden-pi/removed/status", "online")
	got := d.reload(base + numbered("added") + numbered("kept") +
		sensor("changed", `stale_after = "1m"`, `interval = "200ms"`, `topic = "elsewhere"`, "options = { values = [7] }"))
	if want := "reloaded added=added changed=changed removed=removed"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	reloaded := time.Now()
	front.awaitReadings("temperature/added", 3)
	front.awaitReadings("elsewhere", 3)
	front.awaitReadings("temperature/kept", 10)
	live.until("sensorpub/garden-pi/removed/status", "offline")
	if got := d.reload(base + numbered("kept")); got != "reloaded removed=\"added, changed\"" {
		t.Errorf("got %q", got)
	}
	if got := d.reload("# a comment\n" + base + numbered("kept")); got != "reloaded, nothing has changed" {
		t.Errorf("got %q", got)
	}
	all, _ := front.now()
	left := onTopic(all, "temperature/removed")
	if last := left[len(left)-1]; last.payload != "" {
		t.Errorf("got %v of the removed sensor, want its deletion in the end", last)
	}
	for _, p := range left[:len(left)-1] {
		if measured(t, p.payload).After(reloaded) {
			t.Errorf("got %s of the removed sensor", p.payload)
		}
	}
	if p := onTopic(all, "sensorpub/garden-pi/removed/status"); p[len(p)-2].payload != "offline" || p[len(p)-1].payload != "" {
		t.Errorf("got %v, want offline and its deletion in the end", p)
	}
	if p := onTopic(all, "elsewhere"); p[2].payload != "7.0" { // it is deleted at the second reload
		t.Errorf("got %v, want text and the value 7", p)
	}
	if a := d.stop(); a != (account{read: a.read, acknowledged: a.read - a.dropped, dropped: a.dropped}) || a.dropped > 3 {
		t.Errorf("got %+v, want all acknowledged but what was read while its sensor was taken out", a)
	}
	all, _ = front.now()
	complete(t, all, "temperature/kept")
	if n := front.lastLink(); n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
}

func first[T, U any](x T, _ U) T { return x }

func TestConfigurationWithErrorsIsNotLoaded(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	front := newRelay(t, m.addr).start()
	notify := newNotifySocket(t)
	good := brokerConfig("mqtt://"+front.addr) + numbered("outside")
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path}, good)
	front.awaitReadings("temperature/outside", 2)
	notify.await("^READY=1")
	for _, bad := range []string{
		"queue.capacity = 0\nnode = \"a/b\"\n" + numbered("outside", `intervall = "1s"`),
		"nonsense\n", "",
		"broker.urls = [\"mqtt://me:hunter2@example.org\"]" + numbered("outside"),
		strings.Replace(good, "[broker]", "[broker]\nusername = \"me\"\npassword_file = \"/nowhere\"", 1),
	} {
		if got := d.reload(bad); !strings.HasPrefix(got, "reloaded; the old configuration stays active cause=") {
			t.Errorf("got %q", got)
		}
		notify.next(`^RELOADING=1\nMONOTONIC_USEC=[1-9]\d*$`)
		notify.next(`^READY=1\nSTATUS=connected to `)
	}
	text := d.stderr.String()
	if strings.Contains(text, "hunter2") {
		t.Error("the log contains a secret")
	}
	for _, want := range []string{"queue: capacity = 0", `node = \"a/b\"`, "intervall: unknown key", "/nowhere"} {
		if !regexp.MustCompile(`ERROR not reloaded; .*` + regexp.QuoteMeta(want)).MatchString(text) {
			t.Errorf("the log has no error with %q", want)
		}
	}
	front.awaitReadings("temperature/outside", 10)
	if got := d.reload(strings.Replace(good, "[broker]", "spool.max_bytes = 70000\n[broker]", 1)); got != "reloaded, nothing has changed" {
		t.Errorf("got %q", got)
	}
	d.stderr.await(t, "WARN  needs a restart; the old values stay active keys=[spool.max_bytes]")
	if a := d.stop(); a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	all, _ := front.now()
	complete(t, all, "temperature/outside")
	if n := front.lastLink(); n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
}

// descriptors counts the open files of a process.
func (p *process) descriptors() int {
	p.tb.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.tb.Fatal(err)
	}
	return len(files)
}

func TestTwentyReloadsLoseNothingAndLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	front := newRelay(t, m.addr).start()
	base := brokerConfig("mqtt://" + front.addr)
	kept := numbered("kept")
	last := numbered("other0", `options = { script = "ok, hang" }`)
	d := startDaemonIn(t, []string{"GOTRACEBACK=all"}, base+kept+last, "--log-level", "debug")
	front.awaitReadings("temperature/kept", 3)
	d.reload(base + kept + last)
	before := d.descriptors()
	for i := range 20 {
		last = numbered(fmt.Sprintf("other%d", i%3), fmt.Sprintf("options = { values = [%d] }", i))
		if i == 10 { // without waiting for each
			for range 10 {
				d.signal(syscall.SIGHUP)
			}
		}
		if got := d.reload(base + kept + last); got == "" {
			t.Error("nothing is logged")
		}
	}
	// Several signals may cause a single reload, so a line in the log may
	// be an earlier one's, with the last still to come.
	for n := 0; n < 10 && d.reload(base+kept+last) != "reloaded, nothing has changed"; n++ {
	}
	front.await("30 readings in their turn", func(all []passage) bool {
		n, wrong := inTurn(t, all, "temperature/kept")
		return n >= 30 && wrong == 0
	})
	d.awaitReads(4) // and the workers that the reloads have ended are gone
	after := d.descriptors()
	for deadline := time.Now().Add(patience); after > before && time.Now().Before(deadline); after = d.descriptors() {
		time.Sleep(10 * time.Millisecond) // one may be open for a moment
	}
	if after > before {
		t.Errorf("got %d open files after the reloads, %d before", after, before)
	}
	if n := front.lastLink(); n != 1 {
		t.Errorf("got %d connections, want 1", n)
	}
	d.signal(syscall.SIGQUIT) // shows all goroutines
	d.wait()
	// The one that hangs, the kept one and the last.
	if n := strings.Count(d.stderr.String(), "sensors.(*Bus).Run("); n != 3 {
		t.Errorf("got %d workers of buses, want 3", n)
	}
	all, _ := front.now()
	complete(t, all, "temperature/kept")
}

// Reading a named pipe that nobody writes to would never end.
func TestConfigurationThatIsNotAFileBlocksNothing(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	d := startDaemon(t, brokerConfig(m.tcp())+numbered("outside"))
	d.stderr.await(t, "connected broker=")
	file := d.cmd.Args[len(d.cmd.Args)-1]
	must(t, os.Remove(file))
	must(t, syscall.Mkfifo(file, 0o600))
	d.signal(syscall.SIGHUP)
	d.stderr.await(t, "not reloaded; the old configuration stays active cause=\"read "+file+": not a regular file\"")
	if a := d.stop(); a.read == 0 || a.acknowledged != a.read {
		t.Errorf("got %+v, want all acknowledged", a)
	}
}
