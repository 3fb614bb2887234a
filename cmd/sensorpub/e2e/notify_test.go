package e2e

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A notifySocket plays systemd's end of sd_notify(3).
type notifySocket struct {
	t    *testing.T
	path string
	conn *net.UnixConn
	seen int // messages that next has looked at

	mu      sync.Mutex
	all     []string      // messages so far
	changed chan struct{} // closed at the next one
}

func newNotifySocket(t *testing.T) *notifySocket {
	t.Helper()
	n := openNotifySocket(t)
	n.read()
	return n
}

// openNotifySocket is newNotifySocket without reading from it.
func openNotifySocket(t *testing.T) *notifySocket {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify") // TempDir can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &notifySocket{t: t, path: path, conn: conn, changed: make(chan struct{})}
}

// read reads until the end of the test, because the socket holds only a few
// messages.
func (n *notifySocket) read() {
	var reader sync.WaitGroup
	reader.Go(func() {
		buf := make([]byte, 4096)
		for {
			size, err := n.conn.Read(buf)
			if err != nil {
				return
			}
			n.mu.Lock()
			n.all = append(n.all, string(buf[:size]))
			close(n.changed)
			n.changed = make(chan struct{})
			n.mu.Unlock()
		}
	})
	n.t.Cleanup(func() {
		n.conn.Close()
		reader.Wait()
	})
}

// told returns the messages so far.
func (n *notifySocket) told() []string { return first(n.now()) }

// now returns the messages so far, and a channel that is closed at the next one.
func (n *notifySocket) now() ([]string, <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[:len(n.all):len(n.all)], n.changed
}

// next waits for the next message that matches, and returns the match and its
// groups.
func (n *notifySocket) next(pattern string) []string {
	n.t.Helper()
	want, timeout := regexp.MustCompile(pattern), time.After(patience)
	for {
		all, changed := n.now()
		for n.seen < len(all) {
			n.seen++
			if found := want.FindStringSubmatch(all[n.seen-1]); found != nil {
				return found
			}
		}
		select {
		case <-changed:
		case <-timeout:
			n.t.Fatalf("waited %v for %q after %q", patience, pattern, all)
		}
	}
}

// await waits for a message that matches, unless next has already passed one.
func (n *notifySocket) await(pattern string) {
	n.t.Helper()
	if !slices.ContainsFunc(n.told()[:n.seen], regexp.MustCompile(pattern).MatchString) {
		n.next(pattern)
	}
}

// fill sends messages until the socket is full.
func (n *notifySocket) fill() {
	n.t.Helper()
	conn, err := net.Dial("unixgram", n.path)
	if err != nil {
		n.t.Fatal(err)
	}
	defer conn.Close()
	for err == nil {
		conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, err = conn.Write([]byte("another service"))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		n.t.Fatal(err)
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
	if first := regexp.MustCompile(`^READY=1\nSTATUS=` + status + `; \d+ read, 0 acknowledged, \d+ queued; 1 of 1 sensors ok; simulated: outside$`); !first.MatchString(notify.told()[0]) {
		t.Errorf("got %q, want READY=1 and the status first", notify.told())
	}
	notify.await(`^STATUS=no connection to .* \(dial: connection refused\); [1-9]\d* read, 0 acknowledged, [1-9]\d* queued; 1 of 1 sensors ok; simulated: outside$`)

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
	for _, told := range notify.told()[1:] {
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
	notify.await(`; 1 of 2 sensors ok; cellar: read: the probe does not answer; simulated: outside, cellar$`)
	d.stop()
	notify.await("^STOPPING=1\n")
}

// The daemon starts and stops even if nobody reads its messages, and delivers
// them once somebody does.
func TestSystemdThatDoesNotReadBlocksNothing(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("temperature/outside")
	for _, reads := range []bool{false, true} {
		notify := openNotifySocket(t)
		notify.fill()
		d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path}, brokerConfig(m.tcp())+once("outside", 28.4), "--log-level", "debug")
		live.next()
		d.stderr.await(t, "DEBUG notify systemd")
		if reads {
			notify.read()
			notify.await("^READY=1\nSTATUS=connected to ")
		}
		if a := d.stop(); a != (account{read: 1, acknowledged: 1}) {
			t.Errorf("got %+v, want one reading acknowledged", a)
		}
	}
}
