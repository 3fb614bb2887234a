//go:build faults

package e2e

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The fault suite runs the program against those faults of docs/faults.md whose
// tests need minutes, root or a namespace. The number in a test's name is that
// of the row. Limits are the promised figures; measured ones are logged.

const (
	outageTime = time.Minute
	maxMemory  = 40 << 10 // KiB resident, at the worst moment
	window     = 16       // the default of broker.window
)

// needsRoot skips the test, or fails it if root is required.
func needsRoot(tb testing.TB, what string, err error) {
	tb.Helper()
	if os.Getenv("SENSORPUB_REQUIRE_ROOT") == "1" {
		tb.Fatalf("%s: %v, and SENSORPUB_REQUIRE_ROOT=1", what, err)
	}
	tb.Skipf("%s: %v", what, err)
}

// faultConfig begins a configuration that has a secret to keep and numbers its
// readings.
func faultConfig(t *testing.T, urls ...string) string {
	t.Helper()
	return brokerConfig(urls...) + "username = \"garden\"\nallow_plaintext_password = true\n" +
		quoted("password_file", secretFile(t, "password", secret)) + "\n[publish]\nencoding = \"json\"\n"
}

// fast is a sensor with that interval.
func fast(name, interval string) string {
	return sensor(name, quoted("interval", interval), "options = { values = [28.4] }")
}

// finish checks what holds in every row, stops the daemon and returns its
// account, which must balance.
func finish(t *testing.T, d *process) account {
	t.Helper()
	if !d.running() {
		t.Fatal("the daemon has ended")
	}
	keepsSecret(t, d, secret)
	most := procField(t, d, "VmHWM")
	if most > maxMemory {
		t.Errorf("got %d KiB resident, want %d at most", most, maxMemory)
	}
	a := d.stop()
	keepsSecretInLog(t, d, secret)
	t.Logf("%d KiB resident at most; %d log lines; %+v", most, strings.Count(d.stderr.String(), "\n"), a)
	return a
}

// finishWhole is finish for a run that must not drop anything.
func finishWhole(t *testing.T, d *process) account {
	t.Helper()
	a := finish(t, d)
	if a.read == 0 || a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
	return a
}

// procField returns a number of /proc/PID/status (proc(5)).
func procField(t *testing.T, d *process, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.Atoi(strings.Fields(value)[0])
			return n
		}
	}
	t.Fatalf("no %s in the status of the process", name)
	return 0
}

// checkArrived checks that every reading of each topic arrived, and that no
// more arrived twice than lost connections explain: a window each, the newest
// of each topic, which goes first and last on a connection, and a few read
// while the backlog was sent.
func checkArrived(t *testing.T, a account, arrived map[string][]int, losses int) {
	t.Helper()
	distinct, messages := 0, 0
	for topic, seqs := range arrived {
		seen := make(map[int]bool)
		newest := 0
		for _, n := range seqs {
			seen[n] = true
			newest = max(newest, n)
		}
		for n := 1; n <= newest; n++ {
			if !seen[n] {
				t.Errorf("%s: reading %d of %d has not arrived", topic, n, newest)
			}
		}
		distinct += len(seen)
		messages += len(seqs)
	}
	if distinct != a.read {
		t.Errorf("%d readings have arrived, %d were taken", distinct, a.read)
	}
	if most := (losses + 1) * (window + 2*len(arrived)); messages-distinct > most {
		t.Errorf("%d messages came twice in %d losses of the connection, want %d at most", messages-distinct, losses, most)
	}
	t.Logf("%d readings arrived, %d messages came twice, %d losses", distinct, messages-distinct, losses)
}

// logged returns how many lines of a daemon's log contain the text.
func logged(d *process, text string) int { return countLines(d.stderr.String(), text) }

// dial opens a TCP connection.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
