package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// journal returns a file as stderr and the $JOURNAL_STREAM that names it.
func journal(t *testing.T) (stderr *os.File, stream string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	var st syscall.Stat_t
	if err := syscall.Fstat(int(f.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	return f, fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}

func logAll(log *slog.Logger) {
	log.Debug("read", "value", 28.4)
	log.With("sensor", "outside").Info("sensor available again", "failures", 3)
	log.Warn("sensor unavailable", "cause", "no such device", "empty", "", "quote", `"`, slog.Attr{})
	log.WithGroup("broker").Error("refused\nonce", slog.Group("tls", "err", errors.New("bad")), slog.Group("", "n", 1))
}

func TestLogUnderTheJournal(t *testing.T) {
	stderr, stream := journal(t)
	e := testEnv(map[string]string{"JOURNAL_STREAM": stream})
	e.stderr, e.level = stderr, slog.LevelDebug
	logAll(e.logger())
	e.report(failed(errors.New("open bus: gone"), "plug it in"))
	got, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	want := `<7>read value=28.4
<6>sensor available again sensor=outside failures=3
<4>sensor unavailable cause="no such device" empty="" quote="\""
<3>"refused\nonce" broker.tls.err=bad broker.n=1
<3>sensorpub: open bus: gone
<3>hint: plug it in
`
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestLogElsewhereHasTimeAndLevel(t *testing.T) {
	for _, stream := range []string{"", "1:2"} {
		stderr, _ := journal(t)
		e := testEnv(map[string]string{"JOURNAL_STREAM": stream})
		e.stderr, e.level = stderr, slog.LevelWarn
		logAll(e.logger())
		got, err := os.ReadFile(stderr.Name())
		if err != nil {
			t.Fatal(err)
		}
		stamp := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} `)
		want := `WARN  sensor unavailable cause="no such device" empty="" quote="\""
ERROR "refused\nonce" broker.tls.err=bad broker.n=1
`
		if lines := stamp.FindAll(got, -1); len(lines) != 2 || stamp.ReplaceAllString(string(got), "") != want {
			t.Errorf("JOURNAL_STREAM=%s: got\n%swant, each after its time,\n%s", stream, got, want)
		}
	}
}

func TestLogLevelFlag(t *testing.T) {
	for flag, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	} {
		e := testEnv(nil)
		e.stderr = new(bytes.Buffer)
		e.args = strings.Fields("--log-level " + flag)
		if err := e.parse(e.flags(), 0); err != nil {
			t.Fatal(err)
		}
		log := e.logger()
		if !log.Enabled(context.Background(), want) || log.Enabled(context.Background(), want-1) {
			t.Errorf("--log-level %s: got %v, want %v", flag, e.level, want)
		}
	}
}
