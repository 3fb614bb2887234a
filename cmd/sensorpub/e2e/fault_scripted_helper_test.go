//go:build faults

package e2e

import (
	"os/exec"
	"testing"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// A scripted is a daemon that publishes to a broker which fails on demand.
type scripted struct {
	t      *testing.T
	broker *mqtttest.Broker
	notify *notifySocket
	cmd    *exec.Cmd
	daemon *process // nil until start
}

// startScripted starts both, with faults from the start.
func startScripted(t *testing.T, faults ...mqtttest.Fault) *scripted {
	t.Helper()
	return prepareScripted(t, faults...).start()
}

// prepareScripted is startScripted without starting the daemon.
func prepareScripted(t *testing.T, faults ...mqtttest.Fault) *scripted {
	t.Helper()
	s := &scripted{t: t, broker: mqtttest.Start(t), notify: newNotifySocket(t)}
	s.broker.Inject(faults...)
	config := configFile(t, faultConfig(t, s.broker.URL())+fast("outside", "200ms"))
	s.cmd = prepare(t, []string{"NOTIFY_SOCKET=" + s.notify.path}, "run", "--config", config)
	return s
}

func (s *scripted) start() *scripted {
	s.t.Helper()
	s.daemon = start(s.t, s.cmd)
	return s
}

// recovered ends the faults of the broker and checks that a new reading is
// acknowledged in time, and that no reading is missing in the end.
func (s *scripted) recovered(within time.Duration) time.Duration {
	s.t.Helper()
	s.broker.Inject()
	start := time.Now()
	s.broker.Await("a new reading", within, func() bool {
		all := s.broker.Acknowledged()
		for i := len(all) - 1; i >= 0 && all[i].At.After(start); i-- {
			if all[i].Topic != statusTopic && measured(s.t, string(all[i].Payload)).After(start) {
				return true
			}
		}
		return false
	})
	took := time.Since(start)
	a := finishWhole(s.t, s.daemon)
	arrived := make(map[string][]int)
	for _, m := range s.broker.Messages() {
		if m.Topic != statusTopic {
			arrived[m.Topic] = append(arrived[m.Topic], seqOf(s.t, string(m.Payload)).number)
		}
	}
	checkArrived(s.t, a, arrived, len(s.broker.Connects()))
	acknowledged := make(map[string]bool)
	for _, m := range s.broker.Acknowledged() {
		if m.Topic != statusTopic {
			acknowledged[string(m.Payload)] = true
		}
	}
	if a.acknowledged > len(acknowledged) {
		s.t.Errorf("%d count as acknowledged, the broker has acknowledged %d", a.acknowledged, len(acknowledged))
	}
	s.t.Logf("recovered after %v; %d connections", took, len(s.broker.Connects()))
	return took
}

// on applies the action to every packet of a type.
var on = mqtttest.On
