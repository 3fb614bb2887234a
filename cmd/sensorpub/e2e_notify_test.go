package main

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A notifySocket plays systemd's end of sd_notify(3).
type notifySocket struct {
	t    *testing.T
	path string
	conn *net.UnixConn
	all  []string // that was told so far
}

func newNotifySocket(t *testing.T) *notifySocket {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // TempDir can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		os.RemoveAll(dir)
	})
	return &notifySocket{t: t, path: path, conn: conn}
}

// next waits for the next message that matches, and returns what does, and its
// groups.
func (n *notifySocket) next(pattern string) []string {
	n.t.Helper()
	want := regexp.MustCompile(pattern)
	buf := make([]byte, 4096)
	n.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		size, err := n.conn.Read(buf)
		if err != nil {
			n.t.Fatalf("wait for %q: %v after %q", pattern, err, n.all)
		}
		n.all = append(n.all, string(buf[:size]))
		if found := want.FindStringSubmatch(string(buf[:size])); found != nil {
			return found
		}
	}
}

// await waits for a message that matches, unless it has come already.
func (n *notifySocket) await(pattern string) {
	n.t.Helper()
	if !slices.ContainsFunc(n.all, regexp.MustCompile(pattern).MatchString) {
		n.next(pattern)
	}
}

func TestReadyAtOnceWithoutABrokerAndNothingIsLostUntilItComes(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	notify := newNotifySocket(t)
	front := newRelay(t, m.addr)
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path},
		brokerConfig("mqtt://"+front.addr)+sensor("outside", `interval = "100ms"`, `encoding = "json"`, "options = { values = [1] }"),
		"--log-level", "debug")
	notify.await("READY=1")
	status := `(connecting to|no connection to) mqtt://` + front.addr + `( since \d\d:\d\d:\d\d \([^)]+\))?`
	if first := regexp.MustCompile(`^READY=1\nSTATUS=` + status + `; \d+ read, 0 acknowledged, \d+ queued; 1 of 1 sensors well$`); !first.MatchString(notify.all[0]) {
		t.Errorf("got %q, want READY=1 and the status first", notify.all)
	}
	notify.await(`^STATUS=no connection to .* \(dial: connection refused\); [1-9]\d* read, 0 acknowledged, [1-9]\d* queued; 1 of 1 sensors well$`)

	live := dialClient(t, m.addr).subscribe("temperature/outside")
	front.start()
	d.stderr.await(t, "connected broker=mqtt://"+front.addr)
	arrived := make(map[string]bool)
	for newest := 0; newest < 3 || len(arrived) < newest; { // until there is no gap
		seq := seqOf(t, live.next().payload)
		arrived[seq.text] = true
		newest = max(newest, seq.number)
	}
	notify.await(`^STATUS=connected to mqtt://` + front.addr + `; `)
	if a := d.stop(); a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	notify.await("^STOPPING=1\nSTATUS=")
	for _, told := range notify.all[1:] {
		if strings.Contains(told, "READY=1") || strings.Contains(told, "WATCHDOG=1") {
			t.Errorf("got %q, want READY=1 once, and no WATCHDOG=1 without WATCHDOG_USEC", told)
		}
	}
}

func TestWatchdogIsFedWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	notify := newNotifySocket(t)
	start := time.Now()
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path, "WATCHDOG_USEC=600000"},
		brokerConfig("mqtt://"+freeAddr(t))+once("outside", 28.4)+sensor("cellar", `options = { script = "unplug" }`))
	notify.await("READY=1")
	fed := func(n int, since time.Time) time.Duration {
		for range n {
			notify.next("^WATCHDOG=1$")
		}
		return time.Since(since)
	}
	if took := fed(4, start); took < 600*time.Millisecond {
		t.Errorf("four watchdog messages took %v since the start, want them a third of 0.6 s apart", took)
	}
	// A machine that pauses makes some of them late, and not all.
	took := fed(4, time.Now())
	for deadline := time.Now().Add(patience); took > 900*time.Millisecond && time.Now().Before(deadline); {
		took = fed(4, time.Now())
	}
	if took > 900*time.Millisecond {
		t.Errorf("four watchdog messages took %v again and again, want them a third of 0.6 s apart", took)
	}
	notify.await(`; 1 of 2 sensors well; cellar: read: the probe does not answer$`)
	d.stop()
	notify.await("^STOPPING=1\n")
}
