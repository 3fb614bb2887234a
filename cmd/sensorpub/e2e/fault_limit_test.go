//go:build faults

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestFault30NoFileDescriptorsLeft(t *testing.T) {
	t.Parallel()
	s := startScripted(t)
	b := s.broker
	b.Await("a message", patience, func() bool { return len(b.Messages()) > 1 })
	files := unix.Rlimit{Cur: 1, Max: 1024}
	if err := unix.Prlimit(s.daemon.cmd.Process.Pid, unix.RLIMIT_NOFILE, &files, nil); err != nil {
		t.Fatal(err)
	}
	b.Kill()
	b.Start(t)
	line := s.daemon.stderr.await(t, "no connection to the broker")
	if !strings.Contains(line, "too many open files") {
		t.Errorf("got %q, want too many open files", line)
	}
	before := cpuTime(t, s.daemon)
	time.Sleep(10 * time.Second)
	used := cpuTime(t, s.daemon) - before
	if used > time.Second {
		t.Errorf("used %v of CPU time in 10 s, want no spin", used)
	}
	files.Cur = 1024
	if err := unix.Prlimit(s.daemon.cmd.Process.Pid, unix.RLIMIT_NOFILE, &files, nil); err != nil {
		t.Fatal(err)
	}
	s.recovered(patience)
	t.Logf("%v of CPU time in 10 s", used)
}

func TestFault30TwentyMegabytes(t *testing.T) {
	t.Parallel()
	s := prepareScripted(t)
	limitMemory(t, s.cmd, 20)
	s.start()
	b := s.broker
	b.Await("a message", patience, func() bool { return len(b.Messages()) > 1 })
	before := cpuTime(t, s.daemon)
	b.Kill()
	time.Sleep(10 * time.Second)
	b.Start(t)
	used := cpuTime(t, s.daemon) - before
	if used > time.Second {
		t.Errorf("used %v of CPU time in 10 s, want no spin", used)
	}
	if most := procField(t, s.daemon, "VmHWM"); most > 20<<10 {
		t.Errorf("got %d KiB resident, want 20 MiB at most", most)
	}
	s.recovered(patience)
	t.Logf("%v of CPU time in 10 s", used)
}

func TestFault30NoFileDescriptorsAtStart(t *testing.T) {
	t.Parallel()
	cmd := prepare(t, nil, "run", "--config", configFile(t, faultConfig(t, "mqtt://"+freeAddr(t))+fast("outside", "1s")))
	cmd.Args = append([]string{"sh", "-c", `ulimit -n 5 && exec "$@"`, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	d := start(t, cmd)
	if code := d.wait(); code == 0 {
		t.Error("got exit code 0, want an error")
	}
	d.stderr.await(t, "too many open files")
}

// cpuTime returns the CPU time that a process has used (proc(5), /proc/PID/stat).
func cpuTime(t *testing.T, d *process) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100
}
