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

// The end-to-end tests run the program as its own process against a real
// Mosquitto, which they start, kill and start again.

// slowdown stretches the bounds of waits where an emulator may run the tests.
var slowdown = func() time.Duration {
	if strings.HasPrefix(runtime.GOARCH, "arm") {
		return 10
	}
	return 1
}()

// patience bounds every wait for something that will happen, such as the end of
// the longest pause between two attempts to connect, 37.5 s.
var patience = time.Minute * min(slowdown, 4)

// A mosquitto is a real broker on a port of 127.0.0.1, which it keeps when it
// is killed and started again.
type mosquitto struct {
	tb     testing.TB
	addr   string // of its first listener
	config string // its file
	log    transcript
	cmd    *exec.Cmd // nil while it is down
	exited chan struct{}
}

// startMosquitto starts a broker until the end of the test. Anybody may do
// anything there, unless the extra lines of its configuration name a password
// file.
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

// mosquittoProgram returns the path of a program of Mosquitto's. Without it
// the test is skipped, or fails where it is required.
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

// withoutMosquitto skips a test for what is missing, or fails it where that is
// wanted.
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
		lines = append(lines, "user root") // another could not read the files of the test
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

// kill ends the broker as kill -9 does, and with it all that it retained.
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

// freeAddr returns an address on loopback that nothing listens on. Its port is
// none of those that the kernel gives to clients, so that it stays free. To the
// end of the test no other test gets it, in another process neither: an abstract
// socket stands for it (unix(7)). It asks by connecting: a port that it had
// listened on itself would stay taken for as long as a process that another
// test starts at that moment has the listener's copy, up to its execve(2).
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
