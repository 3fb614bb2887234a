package e2e

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain builds the program to test, unless $SENSORPUB_BINARY names one.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		if os.Getenv("SENSORPUB_BINARY") != "" {
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "sensorpub-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		if err := build(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// build builds the program as the tests are: with the race detector if they
// have it.
func build(dir string) error {
	args := []string{"build", "-buildvcs=false", "-o", dir, "sensorpub/cmd/sensorpub"}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = slices.Insert(args, 1, "-race")
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build the program to test: %w\n%s", err, out)
	}
	return os.Setenv("SENSORPUB_BINARY", filepath.Join(dir, "sensorpub"))
}

// program returns the command line of the program to test. Where the kernel
// cannot run it, because an emulator runs the tests, that emulator does.
var program = sync.OnceValues(func() ([]string, error) {
	name := os.Getenv("SENSORPUB_BINARY")
	cmd := exec.Command(name, "version")
	cmd.Env = cleanEnv()
	err := cmd.Run()
	if !errors.Is(err, syscall.ENOEXEC) {
		return []string{name}, err
	}
	arch := map[string]string{"386": "i386", "amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	emulator, err := exec.LookPath("qemu-" + arch + "-static")
	return []string{emulator, name}, err
})

// cleanEnv returns the environment of the test with these variables and without
// those that would change what the program does.
func cleanEnv(extra ...string) []string {
	env := []string{"GORACE=atexit_sleep_ms=0"} // do not linger for a second at exit
	for _, v := range os.Environ() {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "SENSORPUB_ROOT", "GORACE":
		default:
			env = append(env, v)
		}
	}
	return append(env, extra...)
}

// prepare prepares the program with these arguments and variables.
func prepare(tb testing.TB, env []string, args ...string) *exec.Cmd {
	tb.Helper()
	line, err := program()
	if err != nil {
		tb.Fatalf("find the program to test: %v", err)
	}
	cmd := exec.Command(line[0], append(line[1:len(line):len(line)], args...)...)
	cmd.Env = cleanEnv(env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
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
	for want := countLines(p.stderr.String(), "DEBUG read ") + n; ; {
		text, changed := p.stderr.now()
		if countLines(text, "DEBUG read ") >= want {
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

// configFile writes a configuration to a file of the test's own.
func configFile(tb testing.TB, config string) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// brokerConfig begins a configuration with these brokers.
func brokerConfig(urls ...string) string {
	quoted := make([]string, len(urls))
	for i, u := range urls {
		quoted[i] = strconv.Quote(u)
	}
	return fmt.Sprintf("node = \"garden-pi\"\n[broker]\nurls = [%s]\n", strings.Join(quoted, ", "))
}

// sensor is a [[sensor]] of the mock with these lines.
func sensor(name string, lines ...string) string {
	return fmt.Sprintf("\n[[sensor]]\nname = %q\ndriver = \"mock\"\n%s\n", name, strings.Join(lines, "\n"))
}

// once is a sensor that is read at the start and never again.
func once(name string, value float64, lines ...string) string {
	return sensor(name, append([]string{fmt.Sprintf("interval = \"24h\"\noptions = { values = [%g] }", value)}, lines...)...)
}

// A result is what a command left behind.
type result struct {
	code           int
	stdout, stderr string
}
