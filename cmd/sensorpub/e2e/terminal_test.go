package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal opens a pseudoterminal (pty(7)): what a window has, and what the
// programs in it have.
func openTerminal(t *testing.T) (window, terminal *os.File) {
	t.Helper()
	window, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { window.Close() })
	if err := unix.IoctlSetPointerInt(int(window.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(window.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return window, terminal
}

func TestDaemonEndsWithItsTerminal(t *testing.T) {
	t.Parallel()
	// Where the tests run with SIGHUP ignored, as by nohup(1), the daemon would
	// inherit that; a signal that is handled is the default for it.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	for _, c := range []struct {
		name string
		end  func(p *process, window *os.File)
	}{
		{"a hangup", func(_ *process, window *os.File) { window.Close() }},
		{"a signal", func(p *process, _ *os.File) { p.signal(syscall.SIGHUP) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := startMosquitto(t)
			live := dialClient(t, m.addr).subscribe("#")
			window, terminal := openTerminal(t)
			cmd := prepare(t, nil, "run", "--config", configFile(t, brokerConfig(m.tcp())+once("outside", 28.4)))
			cmd.Stdin = terminal
			cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
			d := start(t, cmd)
			terminal.Close()
			live.until("temperature/outside", "28.4")
			c.end(d, window)
			if code := d.wait(); code != 0 {
				t.Errorf("got exit code %d, want 0", code)
			}
			live.until(statusTopic, "offline")
		})
	}
}

func TestSecondDaemonWithOneClientIDIsRefused(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	config := brokerConfig(m.tcp()) + once("outside", 28.4)
	first := startDaemon(t, config)
	live.until(statusTopic, "online")
	file := configFile(t, config)
	got := invoke(t, "", "run", "--config", file)
	want := fmt.Sprintf(" is in use at the same broker by process %d on this machine\nhint: ", first.cmd.Process.Pid)
	if got.code != 1 || !strings.Contains(got.stderr, want) {
		t.Errorf("got %+v, want exit code 1 and %q", got, want)
	}
	if got := invoke(t, "", "doctor", "--config", file); !strings.Contains(got.stdout, fmt.Sprintf("the daemon on this machine, process %d\n", first.cmd.Process.Pid)) {
		t.Errorf("got\n%s\nwant the process of the daemon", got.stdout)
	}
	first.kill()
	second := startDaemon(t, config)
	live.until(statusTopic, "online")
	other := startDaemon(t, strings.Replace(config, "garden-pi", "other", 1))
	live.until("sensorpub/other/status", "online")
	if first.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("got %v, want the first killed", first.cmd.ProcessState)
	}
	other.stop()
	second.stop()
}

// A terminal is gone for good only for what was started on it.
func TestNohupKeepsTheDaemon(t *testing.T) {
	t.Parallel()
	nohup, err := exec.LookPath("nohup")
	if err != nil {
		t.Fatal(err)
	}
	m := startMosquitto(t)
	live := dialClient(t, m.addr).subscribe("#")
	_, terminal := openTerminal(t)
	cmd := prepare(t, nil, "run", "--config", configFile(t, brokerConfig(m.tcp())+once("outside", 28.4)))
	cmd.Path, cmd.Args = nohup, append([]string{nohup}, cmd.Args...)
	cmd.Stdin = terminal
	d := start(t, cmd)
	terminal.Close()
	live.until(statusTopic, "online")
	d.signal(syscall.SIGHUP)
	d.stderr.await(t, "reloaded, nothing has changed")
	d.stop()
}
