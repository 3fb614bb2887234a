package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
)

// folder makes a folder with these files and returns its path.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	return fixture.Machine(t, files)
}

func TestSensorsOfConfDAreAdded(t *testing.T) {
	dir := folder(t, map[string]string{
		"config.toml":             "publish.qos = 2" + fixture.OneSensor,
		"conf.d/20-b.toml":        named("b"),
		"conf.d/10-a.toml":        named("a") + named("a2"),
		"conf.d/.hidden.toml":     "nonsense",
		"conf.d/10-a.toml.orig":   "nonsense",
		"conf.d/readme":           "nonsense",
		"elsewhere/conf.d/x.toml": "nonsense",
	})
	c, err := testEnvironment(nil).Load(t.Context(), filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range c.Routes {
		names = append(names, r.Sensor)
		if r.QoS != 2 {
			t.Errorf("%s: got QoS %d, want that of [publish], 2", r.Sensor, r.QoS)
		}
	}
	if got := strings.Join(names, " "); got != "outside a a2 b" {
		t.Errorf("got the sensors %s, want outside a a2 b", got)
	}
}

func TestSensorsMayAllBeInConfD(t *testing.T) {
	dir := folder(t, map[string]string{"config.toml": "", "conf.d/a.toml": fixture.OneSensor})
	if _, err := testEnvironment(nil).Load(t.Context(), filepath.Join(dir, "config.toml")); err != nil {
		t.Error(err)
	}
}

func TestErrorsOfConfDNameTheirFile(t *testing.T) {
	dir := folder(t, map[string]string{
		"config.toml":   "node = 5\n" + fixture.OneSensor + "qos = 3\n",
		"conf.d/b.toml": fixture.OneSensor,
		"conf.d/a.toml": "queue.capacity = 5\n[[sensor]]\nname = \"x\"\n\n[publish]\n[[sensor]\n",
	})
	t.Chdir(dir)
	_, err := testEnvironment(nil).Load(t.Context(), "config.toml")
	want := `config.toml: 7 errors
  config.toml:1: node = 5: want a string
  config.toml:7: sensor 1 ("outside"): qos = 3: want an integer from 0 to 2
  conf.d/a.toml:1: queue: only [[sensor]] is allowed in conf.d
  conf.d/a.toml:2: sensor 2 ("x"): driver: missing, want one of those that sensorpub drivers lists
  conf.d/a.toml:5: publish: only [[sensor]] is allowed in conf.d
  conf.d/a.toml:6:9: expected end of table array name delimiter ']', but got '\n' instead
  conf.d/b.toml:3: sensor 3 ("outside"): name = "outside": name already used by sensor 1`
	if got := errText(err); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDisabledSensors(t *testing.T) {
	const off = "enabled = false\n"
	c, err := parseTest(nil, named("spare")+off+fixture.OneSensor+named("outside")+off)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sensors) != 1 || len(c.Probes) != 1 || len(c.Routes) != 1 || c.Sensors[0].Name != "outside" || len(c.Disabled) != 2 {
		t.Errorf("got %d sensors, %d probes, %d routes and %d disabled, want one of each and two", len(c.Sensors), len(c.Probes), len(c.Routes), len(c.Disabled))
	}
	for _, bad := range []badConfig{
		{"it is checked", fixture.OneSensor + named("spare") + off + "interval = 5", `config.toml:12: sensor 2 ("spare"): interval = 5: want a duration such as "10s", 100ms or more`},
		{"all are", fixture.OneSensor + off, "config.toml:6: sensor: all are disabled, want at least one enabled"},
		{"a word", fixture.OneSensor + `enabled = "no"`, `config.toml:6: sensor 1 ("outside"): enabled = "no": want true or false`},
	} {
		if _, err := parseTest(nil, bad.text); errText(err) != bad.want {
			t.Errorf("%s: got %v, want %s", bad.name, err, bad.want)
		}
	}
}

// Reading anything but a file could take for ever.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	huge := filepath.Join(dir, "huge")
	f, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<30), f.Close()); err != nil { // sparse
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, cause string }{
		{pipe, "not a regular file"},
		{"/dev/zero", "not a regular file"},
		{"/dev/tty", "not a regular file"},
		{dir, "is a directory"},
		{huge, "larger than 1 MiB"},
		{loop, "too many levels of symbolic links"},
		{filepath.Join(dir, "none"), "no such file or directory"},
	} {
		start := time.Now()
		_, err := testEnvironment(nil).Load(t.Context(), c.file)
		if want := "read " + c.file + ": " + c.cause; errText(err) != want || Hint(err) == "" {
			t.Errorf("got %v, want %s and a hint", err, want)
		}
		conf := &Config{Broker: Broker{PasswordFile: c.file, TLS: TLS{CAFile: c.file}}, env: testEnvironment(nil), files: newReader()}
		cause := strings.Replace(c.cause, "1 MiB", "127 KiB", 1)
		if _, err := conf.password(t.Context()); errText(err) != "read password file "+c.file+": "+cause {
			t.Errorf("got %v, want it to say %s", err, cause)
		}
		if _, err := conf.TLS(t.Context()); errText(err) != "read broker.tls.ca_file "+c.file+": "+c.cause {
			t.Errorf("got %v, want it to say %s", err, c.cause)
		}
		if took := time.Since(start); took > readWithin {
			t.Errorf("%s: took %v", c.file, took)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "conf.d", "a.toml"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(file, []byte(fixture.OneSensor), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = testEnvironment(nil).Load(t.Context(), file)
	if want := "read " + filepath.Join(dir, "conf.d", "a.toml") + ": not a regular file"; errText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Files that are small one by one are not read without end.
func TestFilesOfConfDAreBoundedTogether(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, comment := filepath.Join(dir, "config.toml"), strings.Repeat("#", maxConfig/2)
	for _, f := range []struct{ name, text string }{{file, fixture.OneSensor}, {filepath.Join(dir, "conf.d", "a.toml"), comment}, {filepath.Join(dir, "conf.d", "b.toml"), comment}} {
		if err := os.WriteFile(f.name, []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := testEnvironment(nil).Load(t.Context(), file)
	if want := "read " + filepath.Join(dir, "conf.d", "b.toml") + ": larger than 1 MiB with the files before it"; errText(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A read that hangs, as of a network file system that is gone, is abandoned, and
// not repeated before it has returned.
func TestReadThatHangsIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang, reads := make(chan struct{}), new(atomic.Int32)
		r := newReader()
		r.read = func(string, int64) ([]byte, error) {
			reads.Add(1)
			<-hang
			return []byte("x"), nil
		}
		start := time.Now()
		_, err := r.file(t.Context(), "a", 9)
		if errText(err) != "no answer within 5s" || time.Since(start) != readWithin {
			t.Errorf("got %v after %v, want no answer within 5s", err, time.Since(start))
		}
		if _, err := r.file(t.Context(), "a", 9); errText(err) != "an earlier read is still hanging" || reads.Load() != 1 {
			t.Errorf("got %v and %d reads, want that the first has not ended", err, reads.Load())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.file(ctx, "b", 9); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the context", err)
		}
		close(hang)
		synctest.Wait()
		for _, name := range []string{"a", "b"} {
			if data, err := r.file(t.Context(), name, 9); string(data) != "x" || err != nil {
				t.Errorf("%s: got %q, %v, want x", name, data, err)
			}
		}
	})
}
