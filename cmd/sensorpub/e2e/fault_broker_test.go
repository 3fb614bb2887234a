//go:build faults

package e2e

import (
	"syscall"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestFault01BrokerAbsentAtStart(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	l := listen(t, dial(t, m.addr))
	front := newRelay(t, m.addr) // its port is closed at first
	notify := newNotifySocket(t)
	started := time.Now()
	d := startDaemonIn(t, []string{"NOTIFY_SOCKET=" + notify.path}, faultConfig(t, "mqtt://"+front.addr)+fast("outside", "100ms"))
	notify.await("^READY=1\n")
	ready := time.Since(started)
	if ready > 5*time.Second { // the machine may pause; the broker comes after a minute
		t.Errorf("ready after %v, want at once", ready)
	}
	time.Sleep(outageTime)
	front.start()
	up := time.Now()
	first := l.since(up, 35*time.Second, "the first message", func(arrival) bool { return true })
	l.whole(patience)
	a := finishWhole(t, d)
	if n := logged(d, ""); n > 5 {
		t.Errorf("got %d log lines, want 5 at most", n)
	}
	checkArrived(t, a, arrived(a.read, l), 0)
	t.Logf("ready after %v, first message %v after the broker", ready, first.at.Sub(up))
}

func TestFault02BrokerKilledFiftyTimes(t *testing.T) {
	t.Parallel()
	o := startOutages(t, "replay", 50*time.Millisecond)
	o.run(50)
	if most := procField(t, o.daemon, "VmHWM"); most > maxMemory {
		t.Errorf("got %d KiB resident, want %d at most", most, maxMemory)
	}
	a, live, _ := o.stop()
	checkComplete(t, a, acked(live...))
	checkOrder(t, live)
	o.checkBeginnings(byLink(live, o.lastLink()))
	if most := a.read + (window+2)*o.lastLink(); len(live) > most {
		t.Errorf("got %d messages for %d readings", len(live), a.read)
	}
}

func TestFault03BrokerStopsForAMinute(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	l := listen(t, dial(t, m.addr))
	d := startDaemon(t, faultConfig(t, m.tcp())+fast("outside", "100ms"))
	l.fresh(patience)

	stopped := time.Now()
	m.cmd.Process.Signal(syscall.SIGSTOP)
	d.stderr.await(t, "connection lost")
	noticed := time.Since(stopped)
	if noticed > 20*time.Second {
		t.Errorf("noticed after %v, want 20 s at most", noticed)
	}
	time.Sleep(outageTime - noticed)
	m.cmd.Process.Signal(syscall.SIGCONT)
	recovered := l.fresh(patience)
	if recovered > 15*time.Second {
		t.Errorf("recovered after %v, want 15 s at most", recovered)
	}
	l.whole(patience)
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, l), logged(d, "connection lost"))
	t.Logf("noticed after %v, recovered after %v", noticed, recovered)
}

func TestFault05ConnectionsAreResetAfterAFewMessages(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	p := mqtttest.StartProxy(t, m.addr)
	p.CutAfter(1000) // the CONNECT and about five messages, the last one cut
	l := listen(t, dial(t, m.addr))
	d := startDaemon(t, faultConfig(t, "mqtt://"+p.Addr)+fast("outside", "200ms"))
	time.Sleep(outageTime)
	links := p.Accepted()
	if links < 5 || links > int(outageTime/time.Second) {
		t.Errorf("got %d connections in %v, want some, but under one a second", links, outageTime)
	}
	if n := logged(d, ""); n > 20 {
		t.Errorf("got %d log lines, want 20 at most", n)
	}
	p.CutAfter(0)
	l.fresh(patience)
	l.whole(patience)
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, l), p.Accepted())
	t.Logf("%d connections in %v", links, outageTime)
}

func TestFault07LinkOf8KilobitsASecond(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	p := mqtttest.StartProxy(t, m.addr)
	p.Limit(1000)
	l := listen(t, dial(t, m.addr))
	d := startDaemon(t, faultConfig(t, "mqtt://"+p.Addr)+fast("outside", "100ms")) // more than the link can carry
	l.fresh(patience)
	before := procField(t, d, "VmHWM")
	time.Sleep(outageTime)
	if n := logged(d, "connection lost"); n > 0 || p.Accepted() != 1 {
		t.Errorf("got %d connections, of which %d were lost, want 1", p.Accepted(), n)
	}
	if after := procField(t, d, "VmHWM"); after > before+4<<10 {
		t.Errorf("memory went from %d to %d KiB, want it flat", before, after)
	}
	all, _ := l.now()
	if len(all) > 400 {
		t.Errorf("%d messages went through in %v, want the link to be the limit", len(all), outageTime)
	}
	p.Limit(0)
	l.whole(patience)
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, l), 0)
	t.Logf("%d messages went through in %v", len(all), outageTime)
}
