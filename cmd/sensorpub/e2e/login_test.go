package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const secret = "correct horse battery staple"

// loginConfig returns the configuration of a daemon that logs in as garden.
func loginConfig(m *mosquitto, lines ...string) string {
	return brokerConfig(m.tcp()) + "username = \"garden\"\n" + strings.Join(lines, "\n") + "\n"
}

func secretFile(t *testing.T, name, password string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// keepsSecret checks that the password is neither in the log nor visible to
// other users.
func keepsSecret(t *testing.T, d *process, password string) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/", d.cmd.Process.Pid)
	for _, file := range []string{"cmdline", "environ"} {
		text, err := os.ReadFile(dir + file)
		if err != nil || len(text) == 0 {
			t.Errorf("read %s of the daemon: got %q, %v", file, text, err)
		}
		if strings.Contains(string(text), password) {
			t.Errorf("the password is in %s", file)
		}
	}
	keepsSecretInLog(t, d, password)
}

func keepsSecretInLog(t *testing.T, d *process, password string) {
	t.Helper()
	if strings.Contains(d.stderr.String()+d.stdout.String(), password) {
		t.Error("the password is in the log")
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		file, creds string // password in password_file and in the systemd credential
	}{
		{"with password_file", secret, ""},
		{"with the systemd credential", "", secret},
		{"with password_file before the systemd credential", secret, "another"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := startMosquitto(t, "password_file "+passwordFile(t, "garden", secret))
			var env []string
			config := loginConfig(m)
			if c.file != "" {
				config = loginConfig(m, quoted("password_file", secretFile(t, "password", c.file)))
			}
			if c.creds != "" {
				env = []string{"CREDENTIALS_DIRECTORY=" + filepath.Dir(secretFile(t, "mqtt-password", c.creds))}
			}
			d := startDaemonIn(t, env, config+once("outside", 28.4), "--log-level", "debug")
			d.stderr.await(t, "connected broker=")
			d.stderr.await(t, "DEBUG read sensor=")
			keepsSecret(t, d, secret)
			if a := d.stop(); a != (account{read: 1, acknowledged: 1}) {
				t.Errorf("got %+v, want 1 acknowledged", a)
			}
			keepsSecretInLog(t, d, secret)
		})
	}
}

func TestWrongPasswordIsNamedAndDeliversAfterTheRepair(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 30 s that a refused client waits")
	}
	t.Parallel()
	m := startMosquitto(t, "password_file "+passwordFile(t, "garden", secret))
	d := startDaemon(t, loginConfig(m, quoted("password_file", secretFile(t, "password", "wrong guess")))+
		once("outside", 28.4), "--log-level", "debug")
	line := d.stderr.await(t, "no connection to the broker")
	for _, want := range []string{"not authorized (code 5)", `hint="check username and password_file, and the broker's access list"`} {
		if !strings.Contains(line, want) {
			t.Errorf("got %q, want %q in it", line, want)
		}
	}
	keepsSecret(t, d, "wrong guess")
	m.log.await(t, "not authorised") // it answers before it logs
	m.kill()
	m.configure()
	m.restart()
	live := dialClient(t, m.addr).subscribe("#")
	live.until(statusTopic, "online")
	refused, tried := loggedAt(t, line), loggedAt(t, d.stderr.await(t, "connected broker="))
	if took := tried.Sub(refused); took < 29*time.Second {
		t.Errorf("tried again after %v, want 30 s at least", took)
	}
	if got := retained(t, m.addr, "temperature/#")["temperature/outside"]; got.payload != "28.4" {
		t.Errorf("got %v retained, want 28.4", got)
	}
	if n := countLines(d.stderr.String(), "no connection to the broker"); n != 1 {
		t.Errorf("got %d lines of the refusal, want 1", n)
	}
	if n := countLines(m.log.String(), "not authorised"); n != 1 {
		t.Errorf("the broker has refused %d attempts, want 1", n)
	}
	d.stop()
	keepsSecretInLog(t, d, "wrong guess")
}

// loggedAt returns when the daemon logged a line.
func loggedAt(t *testing.T, line string) time.Time {
	t.Helper()
	const stamp = "2006-01-02 15:04:05.000"
	at, err := time.ParseInLocation(stamp, line[:min(len(stamp), len(line))], time.Local)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
