//go:build faults

package e2e

import (
	"syscall"
	"testing"
	"time"
)

// stopped asks the daemon to stop and returns how long that takes.
func stopped(t *testing.T, d *process) (account, time.Duration) {
	t.Helper()
	asked := time.Now()
	a := finish(t, d)
	return a, time.Since(asked)
}

func TestFault28Stop(t *testing.T) {
	t.Parallel()
	t.Run("connected", func(t *testing.T) {
		t.Parallel()
		soon(t, time.Second, func() time.Duration {
			m := startMosquitto(t)
			l := listen(t, dial(t, m.addr))
			d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"))
			l.fresh(patience)
			a, took := stopped(t, d)
			if a.queued > 0 {
				t.Errorf("got %+v, want all acknowledged", a)
			}
			if got := retained(t, m.addr, "sensorpub/#")[statusTopic]; got.payload != "offline" {
				t.Errorf("got %v retained, want offline", got)
			}
			return took
		})
	})
	t.Run("offline", func(t *testing.T) {
		t.Parallel()
		soon(t, time.Second, func() time.Duration {
			d := startDaemon(t, faultConfig(t, "mqtt://"+freeAddr(t))+fast("outside", "100ms"))
			d.stderr.await(t, "no connection to the broker")
			time.Sleep(time.Second)
			a, took := stopped(t, d)
			if a.queued != a.read {
				t.Errorf("got %+v, want all queued", a)
			}
			return took
		})
	})
	t.Run("with a stalled broker", func(t *testing.T) {
		t.Parallel()
		m := startMosquitto(t)
		l := listen(t, dial(t, m.addr))
		d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"), "--log-level", "debug")
		l.fresh(patience)
		m.cmd.Process.Signal(syscall.SIGSTOP)
		d.awaitReads(5)
		a, took := stopped(t, d)
		if a.queued == 0 {
			t.Errorf("got %+v, want some queued", a)
		}
		if took > 12*time.Second {
			t.Errorf("took %v to end, want 12 s at most", took)
		}
		t.Logf("took %v", took)
	})
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		m := startMosquitto(t)
		live := dialClient(t, m.addr).subscribe("sensorpub/#")
		d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"))
		live.until(statusTopic, "online")
		killed := time.Now()
		d.kill()
		live.until(statusTopic, "offline")
		t.Logf("the broker says offline after %v", time.Since(killed))
	})
}
