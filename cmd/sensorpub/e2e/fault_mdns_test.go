//go:build faults

package e2e

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A name that only mDNS knows is found, although the name server is silent; the
// machine that answers to it comes after the daemon.
func TestFault16NameInLocal(t *testing.T) {
	t.Parallel()
	w := newNetwork(t)
	startNameServer(t, w.near).set(nameSilent, "")
	config := configFile(t, faultConfig(t, "mqtt://homeassistant.local:1883")+fast("outside", "200ms"))
	cmd, doctor := prepare(t, nil, "run", "--config", config), prepare(t, nil, "doctor", "--config", config, "--reads", "1")
	resolve(t, cmd)
	resolve(t, doctor)
	var broker *mosquitto
	var l *listener
	w.far.within(func() {
		broker = startMosquitto(t, "listener 1883 "+farAddress)
		l = listen(t, dial(t, broker.addr))
	})
	var d *process
	w.near.within(func() { d = start(t, cmd) })
	line := d.stderr.await(t, "no connection to the broker")
	if want := "look up homeassistant.local: i/o timeout, and no answer by mDNS"; !strings.Contains(line, want) {
		t.Errorf("got %q, want %q in it", line, want)
	}
	time.Sleep(outageTime / 4)
	if n := logged(d, ""); n > 5 {
		t.Errorf("got %d log lines, want 5 at most", n)
	}
	startResponder(t, w.far)
	found := l.fresh(patience)
	var examined *process
	w.near.within(func() { examined = start(t, doctor) })
	examined.wait()
	for _, want := range []string{"homeassistant.local is " + farAddress + "\n", "homeassistant.local:1883 answers within", "mqtt://homeassistant.local:1883 accepts"} {
		if got := examined.stdout.String(); !strings.Contains(got, want) {
			t.Errorf("doctor: got\n%s\nwant %q in it", got, want)
		}
	}
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, l), 0)
	t.Logf("connected %v after the responder came", found)
}

// startResponder answers every question for an address as mDNS does, at the far
// end of a link (RFC 6762, section 6.7).
func startResponder(t *testing.T, n *namespace) {
	t.Helper()
	var conn net.PacketConn
	n.within(func() {
		link, err := net.InterfaceByName("tun0")
		if err != nil {
			t.Fatal(err)
		}
		if conn, err = net.ListenMulticastUDP("udp4", link, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}); err != nil {
			t.Fatal(err)
		}
	})
	s := &nameServer{}
	s.set(nameFound, farAddress)
	var server sync.WaitGroup
	server.Go(func() { s.serve(conn) })
	t.Cleanup(func() {
		conn.Close()
		server.Wait()
	})
}
