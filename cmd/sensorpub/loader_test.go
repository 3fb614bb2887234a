package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sensorpub/cmd/sensorpub/fixture"
)

func TestAServiceWaitsForASecretThatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name    string
		service bool
		written bool // while it waits
		code    int  // 0: no error
		logged  int
	}{
		{"on a terminal", false, false, exitWrong, 0},
		{"as a service", true, true, exitOK, 1},
		{"as a service, in vain", true, false, exitFailed, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			secret := filepath.Join(t.TempDir(), "password")
			environ := map[string]string{"SENSORPUB_ROOT": t.TempDir()}
			if c.service {
				environ["NOTIFY_SOCKET"] = "/run/systemd/notify"
			}
			e := testEnv(environ)
			var logged bytes.Buffer
			e.stderr = &logged
			e.file = fixture.WriteFile(t, "config.toml", "[broker]\nusername = \"u\"\npassword_file = \""+secret+"\""+fixture.OneSensor)
			l := newLoader(e, e.logger())
			defer closeAll(l.claims.held)
			l.patience, l.retry = 200*time.Millisecond, time.Millisecond
			if c.written {
				l.patience = time.Minute
				ready := fixture.WriteFile(t, "password", "hunter2")
				time.AfterFunc(20*time.Millisecond, func() { os.Rename(ready, secret) })
			}
			_, _, err := l.first(t.Context())
			code := exitOK
			if f := new(failure); errors.As(err, &f) {
				code = f.code
			}
			if code != c.code || (err == nil) != (code == exitOK) {
				t.Errorf("got exit code %d for %v, want %d", code, err, c.code)
			}
			if got := strings.Count(logged.String(), "waiting for a missing file"); got != c.logged {
				t.Errorf("got %q, want %d lines that it waits", logged.String(), c.logged)
			}
		})
	}
}

func TestAServiceThatWaitsCanBeStopped(t *testing.T) {
	e := testEnv(map[string]string{"NOTIFY_SOCKET": "/run/systemd/notify", "SENSORPUB_ROOT": t.TempDir()})
	e.stderr = new(bytes.Buffer)
	e.file = fixture.WriteFile(t, "config.toml", "[broker]\nurls = [\"mqtts://h\"]\ntls.ca_file = \"/no/such\""+fixture.OneSensor)
	l := newLoader(e, e.logger())
	defer closeAll(l.claims.held)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := l.first(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want it to end", err)
	}
}
