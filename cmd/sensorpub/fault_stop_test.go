//go:build faults

package main

import (
	"syscall"
	"testing"
	"time"
)

// stopsWithin asks the daemon to end and checks how long that takes.
func stopsWithin(t *testing.T, d *process, most time.Duration) account {
	t.Helper()
	asked := time.Now()
	a := finish(t, d)
	took := time.Since(asked)
	if took > most {
		t.Errorf("took %v to end, want %v at most", took, most)
	}
	t.Logf("took %v", took)
	return a
}

func TestFault28Stop(t *testing.T) {
	t.Parallel()
	t.Run("connected", func(t *testing.T) {
		t.Parallel()
		m := startMosquitto(t)
		l := listen(t, dial(t, m.addr))
		d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"))
		l.fresh(patience)
		if a := stopsWithin(t, d, time.Second); a.queued > 0 {
			t.Errorf("got %+v, want all acknowledged", a)
		}
		if got := retained(t, m.addr, "sensorpub/#")[statusTopic]; got.payload != "offline" {
			t.Errorf("got %v retained, want offline", got)
		}
	})
	t.Run("offline", func(t *testing.T) {
		t.Parallel()
		d := startDaemon(t, faultConfig(t, "mqtt://"+freeAddr(t))+fast("outside", "100ms"))
		d.stderr.await(t, "no connection to the broker")
		time.Sleep(time.Second)
		if a := stopsWithin(t, d, time.Second); a.queued != a.read {
			t.Errorf("got %+v, want all queued", a)
		}
	})
	t.Run("with a stalled broker", func(t *testing.T) {
		t.Parallel()
		m := startMosquitto(t)
		l := listen(t, dial(t, m.addr))
		d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"))
		l.fresh(patience)
		m.cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(time.Second)
		if a := stopsWithin(t, d, 12*time.Second); a.queued == 0 {
			t.Errorf("got %+v, want some queued", a)
		}
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
