package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
)

// A result is the outcome of a command.
type result struct {
	code           int
	stdout, stderr string
}

// sensorpub runs a command line in this process, with only these variables in
// its environment.
func sensorpub(t *testing.T, environ map[string]string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := testEnv(environ)
	e.stdout, e.stderr, e.args = &stdout, &stderr, args
	code := mainCode(e)
	return result{code, stdout.String(), stderr.String()}
}

// testEnv is the environment of a machine called garden-pi.
func testEnv(environ map[string]string) *env {
	return &env{
		stdin:  strings.NewReader(""),
		stdout: new(bytes.Buffer),
		stderr: new(bytes.Buffer),
		Environment: config.Environment{
			Getenv:   func(key string) string { return environ[key] },
			Hostname: func() (string, error) { return "garden-pi.lan", nil },
		},
	}
}

func TestVersion(t *testing.T) {
	got := sensorpub(t, nil, "version")
	want := "sensorpub dev, commit " + revision() + ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	if got != (result{0, want, ""}) {
		t.Errorf("got %+v, want %q", got, want)
	}
}

func TestExitCodes(t *testing.T) {
	cause := errors.New("open bus: gone")
	for _, c := range []struct {
		err    error
		code   int
		stderr string
	}{
		{nil, 0, ""},
		{cause, 1, "sensorpub: open bus: gone\n"},
		{failed(cause, "plug it in", "or buy one"), 1, "sensorpub: open bus: gone\nhint: plug it in\nhint: or buy one\n"},
		{wrong(cause), 2, "sensorpub: open bus: gone\n"},
	} {
		e := testEnv(nil)
		stderr := new(bytes.Buffer)
		e.stderr = stderr
		if code := e.report(c.err); code != c.code || stderr.String() != c.stderr {
			t.Errorf("%v: got %d %q, want %d %q", c.err, code, stderr, c.code, c.stderr)
		}
	}
}

func TestFullDiskBehindStdoutIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	stderr := new(bytes.Buffer)
	e := testEnv(nil)
	e.stdout, e.stderr, e.args = full, stderr, []string{"version"}
	want := "sensorpub: write standard output: no space left on device\n"
	if code := mainCode(e); code != 1 || stderr.String() != want {
		t.Errorf("got %d %q, want 1 %q", code, stderr, want)
	}
}

func TestCancelledContextIsNotAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e := testEnv(nil)
	e.args = []string{"read", "--config", fixture.WriteFile(t, "config.toml", fixture.OneSensor)}
	if err := execute(ctx, e); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
