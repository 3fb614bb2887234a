package e2e

import (
	"bufio"
	"os"
	"syscall"
	"testing"
	"time"
)

const statusTopic = "sensorpub/garden-pi/status"

// soon checks that something takes no longer than that. It is tried three
// times, because the machine may pause.
func soon(t *testing.T, most time.Duration, try func() time.Duration) {
	t.Helper()
	var took time.Duration
	for range 3 {
		if took = try(); took <= most || t.Failed() {
			t.Logf("took %v", took)
			return
		}
	}
	t.Errorf("took %v, want at most %v", took, most)
}

func TestBrokerSaysOfflineAfterKill(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("sensorpub/#")
	d := startDaemon(t, brokerConfig(m.tcp())+once("outside", 28.4))
	live.until(statusTopic, "online")
	if got := retained(t, m.addr, "sensorpub/#")[statusTopic]; got.payload != "online" {
		t.Errorf("got %v retained, want online", got)
	}
	d.kill()
	live.until(statusTopic, "offline")
	if got := retained(t, m.addr, "sensorpub/#")[statusTopic]; got.payload != "offline" || !got.retain {
		t.Errorf("got %v retained, want offline", got)
	}
}

func TestDaemonSaysOfflineAndExitsWith0AtASignal(t *testing.T) {
	t.Parallel()
	for name, sig := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			soon(t, slowdown*time.Second, func() time.Duration { return endAt(t, sig) })
		})
	}
}

// endAt stops a connected daemon with a signal and returns how long that took.
func endAt(t *testing.T, sig os.Signal) time.Duration {
	t.Helper()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	d := startDaemon(t, brokerConfig(m.tcp())+sensor("outside", `interval = "100ms"`))
	live.untilEach(statusTopic, "temperature/outside")
	sent := time.Now()
	d.signal(sig)
	if code := d.wait(); code != 0 {
		t.Errorf("got exit code %d, want 0", code)
	}
	took := time.Since(sent)
	live.until(statusTopic, "offline")
	if got := retained(t, m.addr, "sensorpub/#")[statusTopic]; got.payload != "offline" {
		t.Errorf("got %v retained, want offline", got)
	}
	a := d.account()
	if a.read == 0 || a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	if out := d.stdout.String(); out != "" {
		t.Errorf("got %q on stdout, want nothing", out)
	}
	return took
}

func TestStopWithoutABrokerExitsWith0AndCountsWhatIsLost(t *testing.T) {
	t.Parallel()
	soon(t, slowdown*time.Second, func() time.Duration {
		d := startDaemon(t, brokerConfig("mqtt://"+freeAddr(t))+once("outside", 28.4), "--log-level", "debug")
		d.stderr.await(t, "no connection to the broker")
		d.stderr.await(t, "DEBUG read sensor=")
		sent := time.Now()
		a := d.stop()
		took := time.Since(sent)
		if a != (account{read: 1, queued: 1}) {
			t.Errorf("got %+v, want 1 read and queued", a)
		}
		d.stderr.await(t, "stopped before everything was delivered lost=1")
		return took
	})
}

func TestSecondSignalEndsTheProcess(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	notify := newNotifySocket(t)
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path},
		brokerConfig(m.tcp())+"[queue]\ngrace = \"5m\"\n"+sensor("outside", `interval = "100ms"`), "--log-level", "debug")
	live.until(statusTopic, "online")
	m.cmd.Process.Signal(syscall.SIGSTOP)
	defer m.cmd.Process.Signal(syscall.SIGCONT)
	d.awaitReads(2) // which the broker does not acknowledge
	d.signal(syscall.SIGTERM)
	notify.await("^STOPPING=1\n")
	select {
	case <-d.exited:
		t.Fatal("ended at the first signal, want it to wait for the broker")
	case <-time.After(300 * time.Millisecond):
	}
	for deadline := time.Now().Add(patience); d.running() && time.Now().Before(deadline); {
		d.cmd.Process.Signal(syscall.SIGTERM) // again, as it may be taken for the first while that is at work
		select {
		case <-d.exited:
		case <-time.After(100 * time.Millisecond):
		}
	}
	d.wait()
	if ws := d.cmd.ProcessState.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGTERM {
		t.Errorf("got %v, want the end by SIGTERM", d.cmd.ProcessState)
	}
}

func TestAccountCountsRejectionsAndDrops(t *testing.T) {
	t.Parallel()
	d := startDaemon(t, brokerConfig("mqtt://"+freeAddr(t))+"[queue]\ncapacity = 2\n"+
		sensor("outside", `interval = "100ms"`, `options = { values = [1], script = "ok*2, crc, nan" }`), "--log-level", "debug")
	d.stderr.await(t, "rejected (crc)")
	d.awaitReads(8)
	a := d.stop()
	if a.queued != 2 || a.rejected < 6 || a.dropped < 5 {
		t.Errorf("got %+v, want 2 queued, 6 or more rejected, 5 or more dropped", a)
	}
	d.stderr.await(t, "crc ")
	d.stderr.await(t, "(overflow ")
}

func TestFirstSignalStopsACommandWithoutAnError(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		file := configFile(t, once("outside", 28.4))
		cmd := prepare(t, nil, "read", "--count", "2", "--config", file)
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "outside  temperature  28.4 °C\n" {
			t.Errorf("got %q, %v", line, err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: got %v, want exit code 0", sig, err)
		}
	}
}
