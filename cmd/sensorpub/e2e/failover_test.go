package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
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

// acknowledgedAt returns the sequence numbers of the readings that the brokers behind
// the relays have acknowledged.
func acknowledgedAt(t *testing.T, relays ...*relay) map[int]bool {
	t.Helper()
	seqs := make(map[int]bool)
	for _, r := range relays {
		for _, p := range onTopic(first(r.now()), liveTopic) {
			if p.acked {
				seqs[seqOf(t, p.payload).number] = true
			}
		}
	}
	return seqs
}

// sessions returns on how many connections three readings or more have been
// acknowledged. A look at the broker makes a connection too, but no reading comes
// on it.
func sessions(all []passage) (n int) {
	acked := make(map[int]int) // by connection
	for _, p := range onTopic(all, liveTopic) {
		if p.acked {
			acked[p.link]++
		}
		if p.acked && acked[p.link] == 3 {
			n++
		}
	}
	return n
}

func (r *relay) awaitSessions(n int) {
	r.tb.Helper()
	r.await(fmt.Sprintf("session %d", n), func(all []passage) bool { return sessions(all) == n })
}

func TestLastGoodBrokerIsTriedFirst(t *testing.T) {
	t.Parallel()
	one, two := startMosquitto(t), startMosquitto(t)
	a, b := newRelay(t, one.addr).start(), newRelay(t, two.addr).start()
	d := startDaemon(t, brokerConfig("mqtt://"+a.addr, "mqtt://"+b.addr)+numbered("outside"))
	a.awaitSessions(1)
	one.kill()
	b.awaitSessions(1)

	one.restart()
	two.kill()
	two.restart()
	b.awaitSessions(2)
	if n := sessions(first(a.now())); n != 1 {
		t.Errorf("got %d sessions with the first broker when the second was back, want the 1 from before", n)
	}

	two.kill()
	a.awaitSessions(2)
	checkComplete(t, d.stop(), acknowledgedAt(t, a, b))
}

func TestFirstBrokerIsTakenAgainOnceItIsReachable(t *testing.T) {
	t.Parallel()
	one, two := startMosquitto(t), startMosquitto(t)
	a, b := newRelay(t, one.addr).start(), newRelay(t, two.addr).start()
	one.kill()
	d := startDaemon(t, brokerConfig("mqtt://"+a.addr, "mqtt://"+b.addr)+"prefer_after = \"2s\"\n"+numbered("outside"))
	b.awaitSessions(1)
	one.restart()
	up := time.Now()
	a.awaitSessions(1)
	if took := time.Since(up); took < 2*time.Second {
		t.Errorf("the second broker was left after %v, want 2 s at least", took)
	}
	if log := d.stderr.String(); strings.Contains(log, "connection lost") || !strings.Contains(log, "left the broker: the first one is reachable again") {
		t.Error("the log does not say that the second broker was left, or speaks of a loss")
	}
	if got := retained(t, two.addr, statusTopic)[statusTopic]; got.payload != "offline" {
		t.Errorf("got %v retained at the second broker, want offline", got)
	}
	checkComplete(t, d.stop(), acknowledgedAt(t, a, b))
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
