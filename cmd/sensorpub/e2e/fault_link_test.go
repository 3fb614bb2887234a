//go:build faults

package e2e

import (
	"testing"
	"time"
)

// A remote is a daemon and a broker at opposite ends of a link.
type remote struct {
	*network
	t        *testing.T
	broker   *mosquitto
	listener *listener
	daemon   *process
}

// startRemote starts the broker, a subscriber next to it and the daemon, and
// waits for a reading.
func startRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{network: newNetwork(t), t: t}
	r.far.within(func() {
		r.broker = startMosquitto(t, "listener 1883 "+farAddress)
		r.listener = listen(t, dial(t, r.broker.addr))
	})
	r.near.within(func() {
		r.daemon = startDaemon(t, faultConfig(t, "mqtt://"+farAddress+":1883")+fast("outside", "100ms"))
	})
	r.listener.fresh(patience)
	return r
}

// noticed waits for the next loss and checks that it is noticed in time.
func (r *remote) noticed(since time.Time) time.Duration {
	r.t.Helper()
	r.daemon.stderr.await(r.t, "connection lost")
	took := time.Since(since)
	if took > 20*time.Second {
		r.t.Errorf("noticed after %v, want 20 s at most", took)
	}
	return took
}

// recovered checks that a new reading arrives in time, and then all missing
// ones.
func (r *remote) recovered() time.Duration {
	r.t.Helper()
	took := r.listener.fresh(patience)
	if took > 15*time.Second {
		r.t.Errorf("recovered after %v, want 15 s at most", took)
	}
	r.listener.whole(patience)
	return took
}

// finish stops the daemon.
func (r *remote) finish() {
	r.t.Helper()
	a := finishWhole(r.t, r.daemon)
	checkArrived(r.t, a, arrived(a.read, r.listener), logged(r.daemon, "connection lost"))
}

func TestFault04PacketsAreSilentlyDropped(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	r.silence()
	silent := time.Now()
	noticed := r.noticed(silent)
	time.Sleep(outageTime - noticed)
	before := len(first(r.listener.now()))
	r.heal()
	recovered := r.recovered()
	all, _ := r.listener.now()
	if after := all[before:]; after[0].seq < after[1].seq {
		t.Errorf("reading %d came first after the return and %d next, want the newest first", after[0].seq, after[1].seq)
	}
	r.finish()
	t.Logf("noticed after %v, recovered after %v", noticed, recovered)
}

func TestFault06ThirtyPercentPacketLoss(t *testing.T) {
	t.Parallel()
	r := startRemote(t)
	r.lose(1, 0.3)
	time.Sleep(2 * outageTime)
	losses := logged(r.daemon, "connection lost")
	if losses > 3 {
		t.Errorf("the connection was lost %d times in %v, want 3 at most", losses, 2*outageTime)
	}
	all, _ := r.listener.now()
	if len(all) < 600 {
		t.Errorf("%d messages came through in %v, want most of 1200", len(all), 2*outageTime)
	}
	r.heal()
	r.recovered()
	r.finish()
	t.Logf("%d losses, %d messages came through in %v", losses, len(all), 2*outageTime)
}

func TestFault09HalfOpenConnection(t *testing.T) {
	t.Parallel()
	t.Run("nothing comes back from the broker", func(t *testing.T) {
		t.Parallel()
		r := startRemote(t)
		r.deafen()
		noticed := r.noticed(time.Now())
		time.Sleep(outageTime/2 - noticed)
		r.heal()
		recovered := r.recovered()
		r.finish()
		t.Logf("noticed after %v, recovered after %v", noticed, recovered)
	})
	t.Run("the broker has forgotten the connection", func(t *testing.T) {
		t.Parallel()
		r := startRemote(t)
		r.silence()
		r.broker.kill() // the end of its connections does not get through
		r.far.within(func() {
			r.broker.restart()
			r.listener = listen(t, dial(t, r.broker.addr))
		})
		time.Sleep(5 * time.Second)
		if n := logged(r.daemon, "connection lost"); n > 0 {
			t.Errorf("the daemon has lost the connection %d times, want it half open", n)
		}
		r.heal()
		recovered := r.listener.fresh(15 * time.Second)
		if a := finishWhole(t, r.daemon); a.read < 25 { // half of what 5 s are enough for
			t.Errorf("got %d readings, want 25 or more", a.read)
		}
		t.Logf("recovered after %v", recovered)
	})
}
