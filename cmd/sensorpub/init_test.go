package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestInitWritesWhatCheckAccepts(t *testing.T) {
	root := fixture.Desk(t, nil)
	environ := map[string]string{"SENSORPUB_ROOT": root}
	file := filepath.Join(t.TempDir(), "new", "config.toml")
	got := sensorpub(t, environ, "init", "--config", file)
	want := "wrote " + file + ": 6 sensors\nnext:\n  sensorpub check --config " + file + "\n  sensorpub read --config " + file + "\n"
	if got != (result{0, want, ""}) {
		t.Errorf("got %+v, want %q", got, want)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# username = ", `options = { id = "28-0316a2794fff" }`, `name    = "ds18b20-2"`, `driver  = "iio"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got\n%s\nwant %q in it", text, want)
		}
	}
	if got := sensorpub(t, environ, "check", "--config", file); got.code != 0 {
		t.Errorf("got %+v, want a configuration that check accepts", got)
	}
}

func TestInitNeverReplacesAFileUnasked(t *testing.T) {
	environ := map[string]string{"SENSORPUB_ROOT": t.TempDir()}
	file := fixture.WriteFile(t, "config.toml", "mine")
	want := result{1, "", "sensorpub: write " + file + ": it already exists\nhint: --force replaces it, --config FILE names another\n"}
	if got := sensorpub(t, environ, "init", "--config", file); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("got %q, %v, want the file as it was", text, err)
	}
	got := sensorpub(t, environ, "init", "--force", "--config", file)
	if got.code != 0 || !strings.HasPrefix(got.stdout, "wrote "+file+": 0 sensors\n") || !strings.Contains(got.stderr, "no probe was found") {
		t.Errorf("got %+v, want the file replaced", got)
	}
	if got := sensorpub(t, environ, "check", "--config", file); got.code != 0 || !strings.HasPrefix(got.stdout, "simulated  mock ") {
		t.Errorf("got %+v, want a simulated sensor", got)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("got %v, %v, want the file alone", left, err)
	}
	below := filepath.Join(file, "config.toml")
	if got := sensorpub(t, environ, "init", "--config", below); got.code != 1 || !strings.Contains(got.stderr, "not a directory") {
		t.Errorf("got %+v, want an error below a file", got)
	}
}

func TestInitLeavesOutWhatCheckRefuses(t *testing.T) {
	block := "[[sensor]]\nname    = \"a\"\ndriver  = \"ds18b20\"\noptions = { id = \"28-0316a2794fff\" }\n"
	again := strings.Replace(block, `"a"`, `"b"`, 1)
	text, n, err := testEnv(nil).composed(t.Context(), []string{"# a find\n" + block, "# only a comment\n", again})
	if n != 1 || err != nil || !strings.Contains(text, "\n# [[sensor]]\n# name    = \"b\"\n") || !strings.Contains(text, "\n# only a comment\n") {
		t.Errorf("got %d sensors, %v and\n%s\nwant the second as a comment", n, err, text)
	}
	if _, err := testEnv(nil).Parse("config.toml", []byte(text)); err != nil {
		t.Error(err)
	}
}

// What conf.d has counts as well: the same probe twice would be an error.
func TestInitWritesWhatCheckAcceptsBesideConfD(t *testing.T) {
	environ := map[string]string{"SENSORPUB_ROOT": fixture.Desk(t, nil)}
	found := sensorpub(t, environ, "scan", "--toml").stdout
	probe := found[strings.Index(found, "[[sensor]]"):]
	probe, _, _ = strings.Cut(probe, "\n\n")
	for _, c := range []struct {
		name, more string
		want       result
	}{
		{"one of the probes", probe, result{0, "wrote FILE: 5 sensors\n", ""}},
		{"all of them", found, result{0, "wrote FILE: 0 sensors\n", ""}},
		{"an error", "[broker]\n", result{2, "", "sensorpub: DIR/conf.d/a.toml:1: broker: only [[sensor]] is allowed in conf.d\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file, more := filepath.Join(dir, "config.toml"), filepath.Join(dir, "conf.d", "a.toml")
			if err := errors.Join(os.Mkdir(filepath.Dir(more), 0o700), os.WriteFile(more, []byte(c.more), 0o600)); err != nil {
				t.Fatal(err)
			}
			got := sensorpub(t, environ, "init", "--config", file)
			got.stdout, _, _ = strings.Cut(got.stdout, "next:\n")
			got.stdout, got.stderr = strings.ReplaceAll(got.stdout, file, "FILE"), strings.ReplaceAll(got.stderr, dir, "DIR")
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if checked := sensorpub(t, environ, "check", "--config", file); checked.code != c.want.code {
				t.Errorf("got %+v, want exit code %d", checked, c.want.code)
			}
		})
	}
}

func TestInitForceReplacesOnlyTheText(t *testing.T) {
	environ := map[string]string{"SENSORPUB_ROOT": t.TempDir()}
	file := fixture.WriteFile(t, "mine.toml", "mine")
	link := filepath.Join(filepath.Dir(file), "config.toml")
	if err := errors.Join(os.Chmod(file, 0o640), os.Symlink("mine.toml", link)); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(file, 12345, 12346); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := sensorpub(t, environ, "init", "--force", "--config", link); got.code != 0 {
		t.Errorf("got %+v, want the file replaced", got)
	}
	if target, err := os.Readlink(link); err != nil || target != "mine.toml" {
		t.Errorf("got %q, %v, want the link as it was", target, err)
	}
	after, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
	if is.Mode != was.Mode || is.Uid != was.Uid || is.Gid != was.Gid || is.Size == was.Size {
		t.Errorf("got mode %o of %d:%d, %d bytes, want %o of %d:%d with another text",
			is.Mode, is.Uid, is.Gid, is.Size, was.Mode, was.Uid, was.Gid)
	}

	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, special := range []string{dir, pipe} {
		want := result{1, "", "sensorpub: write " + special + ": not a regular file\n"}
		if got := sensorpub(t, environ, "init", "--force", "--config", special); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if _, err := os.Lstat(special + ".new"); err == nil {
			t.Errorf("%s.new is left", special)
		}
	}
}
