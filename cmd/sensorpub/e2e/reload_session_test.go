package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReloadOfTheBrokerMakesANewSession(t *testing.T) {
	t.Parallel()
	old := startMosquitto(t)
	other := startMosquitto(t, "allow_anonymous false", "password_file "+passwordFile(t, "me", "first"))
	a, b := newRelay(t, old.addr).start(), newRelay(t, other.addr).start()
	a.delay = 50 * time.Millisecond // so that something is always in flight
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("first\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := startDaemon(t, brokerConfig("mqtt://"+a.addr)+numbered("outside"))
	a.awaitReadings("temperature/outside", 3)
	login := brokerConfig("mqtt://"+b.addr) + "username = \"me\"\npassword_file = \"" + file + "\"\n"
	if got := d.reload(login + numbered("outside")); got != "reloaded session=new" {
		t.Errorf("got %q", got)
	}
	b.awaitReadings(statusTopic, 1)
	b.awaitReadings("temperature/outside", 3)
	live := dialClient(t, old.addr).subscribe(statusTopic)
	live.until(statusTopic, "offline") // it may come to the broker after the daemon's farewell
	if got := retained(t, old.addr, statusTopic)[statusTopic]; got.payload != "offline" {
		t.Errorf("got %v retained on the old broker, want offline", got)
	}

	// The same file with another password; the broker does not know it yet.
	if err := os.WriteFile(file, []byte("second\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := d.reload(login + numbered("outside")); got != "reloaded session=new" {
		t.Errorf("got %q", got)
	}
	d.stderr.await(t, "no connection to the broker")
	b.await("offline, acknowledged", func(all []passage) bool {
		p := onTopic(all, statusTopic)
		return p[len(p)-1].payload == "offline" && p[len(p)-1].acked
	})
	if err := os.WriteFile(file, []byte("first\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := len(onTopic(first(b.now()), "temperature/outside"))
	d.reload(login + numbered("outside")) // and the long pause after a refusal is over
	b.awaitReadings("temperature/outside", n+5)
	if a := d.stop(); a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	seen := make(map[int]bool)
	most := 0
	for _, r := range []*relay{a, b} {
		for _, p := range onTopic(first(r.now()), "temperature/outside") {
			n := seqOf(t, p.payload).number
			seen[n], most = seen[n] || p.acked, max(most, n)
		}
	}
	for n := range most {
		if !seen[n+1] {
			t.Errorf("reading %d is missing", n+1)
		}
	}
}

func TestReloadDuringAnOutageKeepsTheQueue(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	front := newRelay(t, m.addr)
	base := brokerConfig("mqtt://" + front.addr)
	d := startDaemon(t, base+numbered("outside")+numbered("removed"), "--log-level", "debug")
	d.stderr.await(t, "DEBUG read sensor=removed")
	d.stderr.await(t, "no connection to the broker")
	d.awaitReads(8) // more than one of each sensor
	if got := d.reload(base + "[queue]\nbacklog = \"history\"\n" + numbered("outside")); got != "reloaded removed=removed queue=changed" {
		t.Errorf("got %q", got)
	}
	front.start()
	front.awaitReadings("temperature/removed", 1)
	front.awaitReadings("history/temperature/outside", 1)
	d.stderr.await(t, "connected")
	if a := d.stop(); a != (account{read: a.read, acknowledged: a.read - a.dropped, dropped: a.dropped}) || a.dropped > 1 {
		t.Errorf("got %+v, want all acknowledged but what was read while its sensor was taken out", a)
	}
}

func TestReloadWhileStoppingIsIgnored(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	config := brokerConfig(m.tcp()) + "[queue]\ngrace = \"5m\"\n" + numbered("outside")
	live := dialClient(t, m.addr).subscribe("#")
	notify := newNotifySocket(t)
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path}, config, "--log-level", "debug")
	live.until(statusTopic, "online")
	m.cmd.Process.Signal(syscall.SIGSTOP)
	defer m.cmd.Process.Signal(syscall.SIGCONT)
	d.awaitReads(2) // which the broker does not acknowledge before it goes on
	d.signal(syscall.SIGTERM)
	notify.await("^STOPPING=1\n") // a signal that came before that may be taken first
	for range 10 {
		time.Sleep(20 * time.Millisecond)
		d.signal(syscall.SIGHUP)
	}
	m.cmd.Process.Signal(syscall.SIGCONT)
	if code := d.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	if strings.Contains(d.stderr.String(), "reloaded") {
		t.Error("it has reloaded")
	}
}
