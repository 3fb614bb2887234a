//go:build faults

package e2e

import (
	"fmt"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// Pauses after refused credentials are 30 to 37.5 s.
const refusedTime = 70 * time.Second

func TestFault12ConnectionIsRefused(t *testing.T) {
	t.Parallel()
	type refusal struct {
		name   string
		action mqtttest.Action
		cause  string // in the log, once
		most   int    // attempts, one a second or less
	}
	cases := []refusal{{"no CONNACK at all", mqtttest.Drop, "no answer to CONNECT in time", 8}}
	for _, code := range []byte{1, 2, 3, 4, 5, 6, 128, 255} {
		c := refusal{fmt.Sprintf("code %d", code), mqtttest.Connack(code), fmt.Sprintf("code %d", code), 70}
		if code == 4 || code == 5 {
			c.most = 3
		}
		cases = append(cases, c)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, on(mqtttest.CONNECT, c.action))
			time.Sleep(refusedTime)
			if n := logged(s.daemon, c.cause); n != 1 {
				t.Errorf("%q is in the log %d times, want once", c.cause, n)
			}
			if n := logged(s.daemon, "connected broker="); n > 0 || len(s.broker.Messages()) > 0 {
				t.Errorf("got %d connections and %d messages, want none", n, len(s.broker.Messages()))
			}
			attempts := s.broker.Connects()
			if len(attempts) > c.most {
				t.Errorf("got %d attempts in %v, want %d at most", len(attempts), refusedTime, c.most)
			}
			links := make(map[int]bool)
			for i, a := range attempts {
				if a.Protocol != "MQTT" || a.Level != 4 || links[a.Conn] {
					t.Errorf("attempt %d: got %s level %d, want one CONNECT of MQTT 3.1.1", i+1, a.Protocol, a.Level)
				}
				links[a.Conn] = true
				if i > 0 && c.most == 3 && a.At.Sub(attempts[i-1].At) < 30*time.Second {
					t.Errorf("attempt %d came %v after the one before, want 30 s at least", i+1, a.At.Sub(attempts[i-1].At))
				}
			}
			s.recovered(45 * time.Second)
			t.Logf("%d attempts in %v", len(attempts), refusedTime)
		})
	}
}

func TestFault13Garbage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault mqtttest.Fault
	}{
		{"at accept", on(mqtttest.ACCEPT, mqtttest.Garbage(1, 64))},
		{"for a CONNACK", on(mqtttest.CONNECT, mqtttest.Garbage(2, 64))},
		{"between PUBACKs", mqtttest.Every(5, on(mqtttest.PUBLISH, mqtttest.Then(mqtttest.Answer, mqtttest.Garbage(3, 64))))},
		{"a megabyte at once", mqtttest.Every(5, on(mqtttest.PUBLISH, mqtttest.Garbage(4, 1<<20)))},
	} {
		t.Run(c.name, func(t *testing.T) { // others at each connection
			t.Parallel()
			s := startScripted(t, c.fault)
			time.Sleep(outageTime / 2)
			before := procField(t, s.daemon, "VmHWM")
			time.Sleep(outageTime / 2)
			if after := procField(t, s.daemon, "VmHWM"); after > before+2<<10 {
				t.Errorf("memory went from %d to %d KiB, want it flat", before, after)
			}
			if n := s.broker.Packets()[len(s.broker.Packets())-1].Conn; n < 5 {
				t.Errorf("got garbage on %d connections, want 5 or more", n)
			}
			s.recovered(patience)
		})
	}
}

func TestFault15AnotherClientWithTheSameID(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t)
	l := listen(t, dial(t, m.addr))
	twin := "client_id = \"twin\"\n"
	d := startDaemon(t, brokerConfig(m.tcp())+twin+faultConfig(t)[len(brokerConfig()):]+fast("outside", "200ms"))
	// On this machine a second daemon would not start.
	for end := time.Now().Add(outageTime); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		visitAs(t, m.addr, "twin")
	}
	d.stderr.await(t, "three connections ended right after connecting: another client uses the client id twin")
	links := countLines(m.log.String(), " as twin ")
	if links < 10 || links > 2*60 {
		t.Errorf("got %d connections of both, want some, but under one a second of each", links)
	}
	if n := logged(d, ""); n > 30 {
		t.Errorf("got %d log lines, want 30 at most", n)
	}
	l.fresh(patience)
	l.whole(patience)
	a := finishWhole(t, d)
	checkArrived(t, a, arrived(a.read, l), links)
	t.Logf("%d connections of both", links)
}
