package main

import (
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/cmd/sensorpub/config"
)

// claimant parses a configuration of a machine that no other test has.
func claimant(t *testing.T, root, text string) *config.Config {
	t.Helper()
	e := testEnv(map[string]string{"SENSORPUB_ROOT": root})
	c, err := e.Load(t.Context(), fixture.WriteFile(t, "config.toml", text+fixture.OneSensor))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOneProcessHasAClientID(t *testing.T) {
	const local = "broker.urls = [\"mqtt://localhost\"]\n"
	for _, c := range []struct {
		name, first, second string
		refused             bool
	}{
		{"the same configuration", local, local, true},
		{"the same broker, written otherwise", local, "broker.urls = [\"mqtt://127.0.0.1:1883\"]\n", true},
		{"one broker in common", local, "broker.urls = [\"mqtt://other\", \"mqtt://localhost\"]\n", true},
		{"another broker", local, "broker.urls = [\"mqtt://other\"]\n", false},
		{"another node", local, "node = \"other\"\n" + local, false},
		{"another client id", local, "broker.client_id = \"other\"\n" + local, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			first, second := claimant(t, root, c.first), claimant(t, root, c.second)
			a := &claims{slog.New(slog.DiscardHandler), make(map[string]*net.UnixListener)}
			b := &claims{slog.New(slog.DiscardHandler), make(map[string]*net.UnixListener)}
			defer closeAll(b.held)
			if err := a.take(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			if pid := clientHolder(first); pid != os.Getpid() {
				t.Errorf("got process %d as the holder, want %d", pid, os.Getpid())
			}
			err := b.take(t.Context(), second)
			if (err != nil) != c.refused || c.refused && !strings.Contains(err.Error(), "is in use at the same broker by process ") {
				t.Errorf("got %v, want refused: %v", err, c.refused)
			}
			if c.refused && len(b.held) > 0 {
				t.Error("a refused process has claimed a part")
			}
			closeAll(a.held)
			if err := b.take(t.Context(), second); err != nil {
				t.Errorf("got %v after the first has ended, want nil", err)
			}
		})
	}
}

func TestReloadMovesTheClaim(t *testing.T) {
	root := t.TempDir()
	old, changed := claimant(t, root, ""), claimant(t, root, "broker.client_id = \"other\"\n")
	a := &claims{slog.New(slog.DiscardHandler), make(map[string]*net.UnixListener)}
	defer closeAll(a.held)
	for _, c := range []*config.Config{old, old, changed} {
		if err := a.take(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if clientHolder(old) != 0 || clientHolder(changed) != os.Getpid() {
		t.Errorf("got the holders %d and %d, want none of the old id and this process of the new", clientHolder(old), clientHolder(changed))
	}
}
