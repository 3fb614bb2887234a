package e2e

import (
	"slices"
	"strings"
	"testing"
)

func TestFailOverToTheNextBrokerLosesNothing(t *testing.T) {
	t.Parallel()
	first, second := startMosquitto(t), startMosquitto(t)
	live := dialClient(t, second.addr).subscribe("#")
	d := startDaemon(t, brokerConfig(first.tcp(), second.tcp())+
		sensor("outside", `interval = "100ms"`, `encoding = "json"`, "options = { values = [28.4] }"))
	d.stderr.await(t, "connected broker="+first.tcp())
	dialClient(t, first.addr).subscribe("temperature/outside").next()
	if got := live.rest(); len(got) > 0 {
		t.Errorf("the second broker got %v while the first was there", got)
	}

	first.kill()
	d.stderr.await(t, "connected broker="+second.tcp())
	got := live.until(statusTopic, "online")
	if i := slices.IndexFunc(got, func(m message) bool { return m.topic == "temperature/outside" }); i < 0 {
		t.Errorf("got %v, want the newest reading before online", got)
	}
	for range 5 {
		live.next()
	}

	first.restart()
	live = dialClient(t, first.addr).subscribe("#")
	second.kill()
	live.until(statusTopic, "online")
	if a := d.stop(); a.read < 5 || a != (account{read: a.read, acknowledged: a.read}) {
		t.Errorf("got %+v, want all acknowledged", a)
	}
}

// Another machine has a client with the id of the daemon.
func TestClashOfClientIDsIsNamed(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	d := startDaemon(t, brokerConfig(m.tcp())+"client_id = \"twin\"\n"+sensor("outside", `interval = "200ms"`))
	for range 20 {
		visitAs(t, m.addr, "twin")
		if strings.Contains(d.stderr.String(), "another client uses the client id twin") {
			break
		}
	}
	d.stderr.await(t, "another client uses the client id twin")
	if a := d.stop(); a.dropped+a.superseded > 0 {
		t.Errorf("got %+v, want nothing given up", a)
	}
}
