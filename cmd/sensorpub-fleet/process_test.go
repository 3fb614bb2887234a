package main

import "testing"

func TestAccountInTheLogOfADaemon(t *testing.T) {
	for line, want := range map[string]account{
		`2026-01-02 12:00:00.000 INFO  stopped account="read 12 = acknowledged 12 + superseded 0 + rejected 0 + dropped 0 + queued 0"`:                                                    {read: 12},
		`2026-01-02 12:00:00.000 INFO  stopped from_earlier_runs=3 account="read 12 = acknowledged 9 + superseded 1 + rejected 2 (crc 2) + dropped 0 + queued 0"`:                         {read: 9, recovered: 3},
		`2026-01-02 12:00:00.000 WARN  stopped before everything was delivered lost=4 account="read 12 = acknowledged 7 + superseded 0 + rejected 0 + dropped 1 (overflow 1) + queued 4"`: {read: 12, dropped: 1, queued: 4},
		`2026-01-02 12:00:00.000 INFO  stopped`: {missing: true},
	} {
		if got := parseAccount(line); got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
}

func TestLogOfADaemonTellsItsConnections(t *testing.T) {
	p := &process{member: member{name: "p0001"}, errors: new(firstLines)}
	for _, part := range []string{
		"2026-01-02 12:00:00.000 INFO  connected broker=mqtts://127.0.0.1:1\n2026-01-02 12:00:05.000 WA",
		"RN  connection lost broker=mqtts://127.0.0.1:1 cause=\"closed by the broker\"\n",
		"2026-01-02 12:00:05.500 WARN  no connection to the broker broker=mqtts://127.0.0.1:1 cause=refused\n",
		"2026-01-02 12:00:07.000 DEBUG connected broker=mqtts://127.0.0.1:2 after=2s\n",
		"2026-01-02 12:00:07.500 INFO  left the broker: the first one is reachable again broker=mqtts://127.0.0.1:2\n",
		"2026-01-02 12:00:07.600 INFO  connected broker=mqtts://127.0.0.1:1\n",
		"2026-01-02 12:00:08.000 ERROR close the spool cause=x\n",
	} {
		p.Write([]byte(part))
	}
	if len(p.outages) != 1 || !p.isConnected() {
		t.Fatalf("got outages %v, connected %t, want one that is over", p.outages, p.isConnected())
	}
	if o := p.outages[0]; o.broker != "127.0.0.1:1" || o.connected.Sub(o.lost).Seconds() != 2 {
		t.Errorf("got %+v, want one of 2 s of the first broker", o)
	}
	if got := p.errors.all(); len(got) != 1 {
		t.Errorf("got errors %q, want one", got)
	}
}
