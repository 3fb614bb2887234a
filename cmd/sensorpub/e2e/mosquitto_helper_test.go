package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The tests run the program as a process of its own against a real Mosquitto,
// which they start, kill and restart.

// slowdown extends time limits where an emulator may run the tests.
var slowdown = func() time.Duration {
	if strings.HasPrefix(runtime.GOARCH, "arm") {
		return 10
	}
	return 1
}()

// patience bounds every wait for something that will happen, such as the end of
// the longest pause between connection attempts, 37.5 s.
var patience = time.Minute * min(slowdown, 4)

// A mosquitto is a real broker on a port of 127.0.0.1 that it keeps across
// restarts.
type mosquitto struct {
	tb     testing.TB
	addr   string // of its first listener
	config string // its file
	log    transcript
	cmd    *exec.Cmd // nil while it is down
	exited chan struct{}
}

// startMosquitto starts a broker for the duration of the test. Everyone may do
// everything, unless the extra lines of its configuration name a password file.
func startMosquitto(tb testing.TB, extra ...string) *mosquitto {
	tb.Helper()
	program := mosquittoProgram(tb, "mosquitto")
	m := &mosquitto{tb: tb, addr: freeAddr(tb), config: filepath.Join(tb.TempDir(), "mosquitto.conf")}
	m.configure(extra...)
	tb.Cleanup(func() {
		m.kill()
		if tb.Failed() {
			tb.Logf("the broker's log:\n%s", m.log.tail())
		}
	})
	m.run(program)
	return m
}

// mosquittoProgram returns the path of one of Mosquitto's programs. Without it
// the test is skipped, or fails if Mosquitto is required.
func mosquittoProgram(tb testing.TB, name string) string {
	tb.Helper()
	for _, try := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
		if program, err := exec.LookPath(try); err == nil {
			return program
		}
	}
	withoutMosquitto(tb, name+" is not installed")
	return ""
}

// withoutMosquitto skips a test, or fails it if Mosquitto is required.
func withoutMosquitto(tb testing.TB, cause string) {
	tb.Helper()
	if os.Getenv("SENSORPUB_REQUIRE_MOSQUITTO") == "1" {
		tb.Fatal(cause + ", and SENSORPUB_REQUIRE_MOSQUITTO=1")
	}
	tb.Skip(cause)
}

// configure writes the configuration for the next start.
func (m *mosquitto) configure(extra ...string) {
	m.tb.Helper()
	host, port, _ := net.SplitHostPort(m.addr)
	lines := []string{"listener " + port + " " + host}
	if text := strings.Join(extra, "\n"); !strings.Contains(text, "password_file") {
		lines = append(lines, "allow_anonymous true")
	}
	if os.Getuid() == 0 {
		lines = append(lines, "user root") // another user could not read the files of the test
	}
	lines = append(append(lines, extra...), "log_type error", "log_type warning", "log_type notice", "")
	if err := os.WriteFile(m.config, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		m.tb.Fatal(err)
	}
}

// run starts the broker and waits until it accepts connections.
func (m *mosquitto) run(program string) {
	m.tb.Helper()
	m.cmd = exec.Command(program, "-c", m.config)
	m.cmd.Stdout, m.cmd.Stderr = &m.log, &m.log
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.cmd.Start(); err != nil {
		m.tb.Fatal(err)
	}
	m.exited = make(chan struct{})
	go func() {
		m.cmd.Wait()
		close(m.exited)
	}()
	for deadline := time.Now().Add(patience); ; {
		conn, err := net.Dial("tcp", m.addr)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-m.exited:
			m.tb.Fatalf("mosquitto has ended:\n%s", m.log.String())
		case <-time.After(5 * time.Millisecond): // nothing tells when it listens
		}
		if time.Now().After(deadline) {
			m.tb.Fatalf("mosquitto does not accept connections: %v", err)
		}
	}
}

// restart starts the broker again after kill.
func (m *mosquitto) restart() {
	m.tb.Helper()
	m.run(m.cmd.Path)
}

// kill ends the broker like kill -9, and what it retained is gone.
func (m *mosquitto) kill() {
	if m.cmd == nil || m.cmd.Process == nil {
		return
	}
	m.cmd.Process.Kill()
	<-m.exited
}

// passwordFile makes a file of Mosquitto's for one user.
func passwordFile(t *testing.T, user, password string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "passwords")
	out, err := exec.Command(mosquittoProgram(t, "mosquitto_passwd"), "-b", "-c", file, user, password).CombinedOutput()
	if err != nil {
		t.Fatalf("mosquitto_passwd: %v: %s", err, out)
	}
	return file
}

// freeAddr returns a free address on loopback. The kernel does not give its
// port to clients, and until the end of the test no other test gets it, in this
// process or another: an abstract socket reserves it (unix(7)). It checks by
// connecting: a port that it had listened on itself would stay in use as long
// as a process that another test starts at that moment holds a copy of the
// listener, until its execve(2).
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range 1000 {
		port := strconv.Itoa(15000 + rand.IntN(17000))
		claim, err := net.Listen("unix", "@sensorpub-test-"+port)
		if err != nil {
			continue
		}
		addr := net.JoinHostPort("127.0.0.1", port)
		conn, err := net.Dial("tcp", addr)
		if errors.Is(err, syscall.ECONNREFUSED) {
			tb.Cleanup(func() { claim.Close() })
			return addr
		}
		if err == nil {
			conn.Close()
		}
		claim.Close()
	}
	tb.Fatal("no free port on 127.0.0.1")
	return ""
}

// tcp makes the URL of a broker without TLS.
func (m *mosquitto) tcp() string { return fmt.Sprintf("mqtt://%s", m.addr) }
