//go:build faults

package e2e

import (
	"strings"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

func TestFault08BrokerStopsReading(t *testing.T) {
	t.Parallel()
	s := startScripted(t, mqtttest.After(10, on(mqtttest.PUBLISH, mqtttest.StopReading)))
	s.broker.Await("the tenth message", patience, func() bool { return len(s.broker.Messages()) > 10 })
	stopped := time.Now()
	s.daemon.stderr.await(t, "connection lost")
	noticed := time.Since(stopped)
	if noticed > 13*time.Second { // the machine may pause
		t.Errorf("dropped after %v, want the 10 s of ack_timeout", noticed)
	}
	s.recovered(patience)
	t.Logf("dropped after %v", noticed)
}

func TestFault10BrokerNeverAcknowledges(t *testing.T) {
	t.Parallel()
	s := startScripted(t, on(mqtttest.PUBLISH, mqtttest.Drop))
	time.Sleep(outageTime)
	s.notify.next(`read, 0 acknowledged, `)
	for _, told := range s.notify.told() {
		if strings.Contains(told, " acknowledged") && !strings.Contains(told, ", 0 acknowledged") {
			t.Errorf("got %q, want nothing acknowledged", told)
		}
	}
	if n := len(s.broker.Connects()); n < 2 || n > 6 {
		t.Errorf("got %d connections in %v, want some, with growing pauses", n, outageTime)
	}
	// connected, lost, connected, lost … as long as each is a change
	if n := logged(s.daemon, ""); n > 10 { // two of them at the start
		t.Errorf("got %d log lines, want 10 at most", n)
	}
	s.recovered(patience)
}

func TestFault11OddAcknowledgements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		fault      mqtttest.Fault
		reconnects bool
	}{
		{"every 7th is lost", mqtttest.Every(7, on(mqtttest.PUBLISH, mqtttest.Drop)), true},
		{"they come 5 s late", on(mqtttest.PUBLISH, mqtttest.Delay(5*time.Second)), false},
		{"each comes twice", on(mqtttest.PUBLISH, mqtttest.Twice), false},
		{"every 7th has a wrong packet identifier", mqtttest.Every(7, on(mqtttest.PUBLISH, mqtttest.WrongID)), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, c.fault)
			time.Sleep(outageTime / 2)
			if n := len(s.broker.Connects()); (n > 1) != c.reconnects {
				t.Errorf("got %d connections, want more than one: %v", n, c.reconnects)
			}
			s.recovered(patience)
		})
	}
}
