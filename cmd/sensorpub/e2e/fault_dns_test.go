//go:build faults

package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestFault16NameServerFailsAndTheAddressChanges(t *testing.T) {
	t.Parallel()
	n := newNamespace(t)
	dns := startNameServer(t, n)
	cmd := prepare(t, nil, "run", "--config", configFile(t, faultConfig(t, "mqtt://broker.example:1883")+fast("outside", "200ms")))
	resolve(t, cmd)
	var first, second *mosquitto
	var one, two *listener
	var d *process
	n.within(func() {
		first, second = startMosquitto(t, "listener 1883 127.0.0.2"), startMosquitto(t, "listener 1883 127.0.0.3")
		one, two = listen(t, dial(t, first.addr)), listen(t, dial(t, second.addr))
		d = start(t, cmd)
	})
	line := d.stderr.await(t, "no connection to the broker")
	for _, want := range []string{"look up broker.example: server misbehaving", "check the host in broker.urls and the name server"} {
		if !strings.Contains(line, want) {
			t.Errorf("got %q, want %q in it", line, want)
		}
	}
	time.Sleep(outageTime / 2)
	dns.set(nameSilent, "")
	d.stderr.await(t, "look up broker.example: i/o timeout")
	time.Sleep(outageTime / 2)
	if n := logged(d, ""); n > 5 {
		t.Errorf("got %d log lines, want 5 at most", n)
	}

	dns.set(nameFound, "127.0.0.2")
	found := one.fresh(patience)
	one.whole(patience)
	dns.set(nameFound, "127.0.0.3")
	first.kill()
	moved := two.fresh(patience)
	time.Sleep(time.Second)
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, one, two), 1)
	t.Logf("connected %v after the name server, %v after the move", found, moved)
}
