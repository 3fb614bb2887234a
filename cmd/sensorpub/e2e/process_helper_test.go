package e2e

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}

// A process is the program while it runs and what it leaves behind.
type process struct {
	tb             testing.TB
	cmd            *exec.Cmd
	stdout, stderr transcript
	exited         chan struct{}
}

// start starts the program, and kills it at the end of the test if it is still
// running.
func start(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	confine(tb, cmd)
	p := &process{tb: tb, cmd: cmd, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		cmd.Wait()
		close(p.exited)
	}()
	tb.Cleanup(func() {
		p.kill()
		for _, bad := range []string{"DATA RACE", "panic:", "fatal error:"} {
			if strings.Contains(p.stderr.String(), bad) {
				tb.Errorf("stderr contains %q", bad)
			}
		}
		if tb.Failed() {
			tb.Logf("stderr of %q:\n%s", cmd.Args[1:], p.stderr.tail())
		}
	})
	return p
}

// startDaemon starts the daemon with this configuration and further flags.
func startDaemon(tb testing.TB, config string, args ...string) *process {
	tb.Helper()
	return startDaemonIn(tb, nil, config, args...)
}

// startDaemonIn is startDaemon with variables in the environment.
func startDaemonIn(tb testing.TB, env []string, config string, args ...string) *process {
	tb.Helper()
	args = append([]string{"run", "--config", configFile(tb, config)}, args...)
	return start(tb, prepare(tb, env, args...))
}

// invoke runs the program until it exits, with this text on stdin.
func invoke(tb testing.TB, stdin string, args ...string) result {
	tb.Helper()
	return invokeIn(tb, nil, stdin, args...)
}

// invokeIn is invoke with variables in the environment.
func invokeIn(tb testing.TB, env []string, stdin string, args ...string) result {
	tb.Helper()
	cmd := prepare(tb, env, args...)
	cmd.Stdin = strings.NewReader(stdin)
	p := start(tb, cmd)
	return result{p.wait(), p.stdout.String(), p.stderr.String()}
}

// wait waits until the program exits and returns its exit code, or -1 if a
// signal killed it.
func (p *process) wait() int {
	p.tb.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.tb.Fatalf("%q has not ended within %v", p.cmd.Args, patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.exited
}

// stop stops the program as systemd does and returns its account.
func (p *process) stop() account {
	p.tb.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		p.tb.Errorf("got exit code %d after SIGTERM, want 0", code)
	}
	return p.account()
}

func (p *process) signal(sig os.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.tb.Fatal(err)
	}
}

// awaitReads waits until the daemon, which logs at level debug, has read and
// queued n more readings.
func (p *process) awaitReads(n int) {
	p.tb.Helper()
	timeout := time.After(patience)
	for want := countLines(p.stderr.String(), "DEBUG read sensor=") + n; ; {
		text, changed := p.stderr.now()
		if countLines(text, "DEBUG read sensor=") >= want {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			p.tb.Fatalf("waited %v for %d readings", patience, n)
		}
	}
}

// running reports whether the program is still running.
func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}
