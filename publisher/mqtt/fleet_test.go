package mqtt

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// fleetSize is how many clients a cluster has that loses a node, or restarts: a
// thousand, or on a 32-bit machine, which is slow or emulated, 200.
const fleetSize = 1000 - 800*(64-bits.UintSize)/32

// A cluster that has restarted cannot take a thousand sessions within a second,
// however long it was away.
func TestFleetComesBackSpreadOutAfterARestart(t *testing.T) {
	for _, outage := range []time.Duration{0, 5 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute} {
		t.Run("after "+outage.String(), func(t *testing.T) {
			checkSpread(t, comeBack(t, func(t *testing.T, nodes cluster) time.Time {
				nodes.kill()
				time.Sleep(outage)
				nodes.start(t)
				return time.Now()
			}), fleetSize/4)
		})
	}
}

// A cluster that has lost a node has elections to hold. The times are from the
// loss on.
func TestFleetComesBackSpreadOutAfterTheLossOfANode(t *testing.T) {
	for _, c := range []struct {
		name  string
		most  int // in one second
		fault func(t *testing.T, nodes cluster)
	}{
		{"its port refuses connections", fleetSize / 4, func(_ *testing.T, nodes cluster) { nodes[0].Kill() }},
		{"it accepts connections and does not answer", fleetSize / 4, func(t *testing.T, nodes cluster) {
			nodes[0].Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Drop))
			nodes[0].Kill()
			nodes[0].Start(t)
		}},
		{"the others do not answer a CONNECT for 4.2 s, until they have a leader", fleetSize * 2 / 5, func(_ *testing.T, nodes cluster) {
			elected := time.Now().Add(4200 * time.Millisecond)
			for _, b := range nodes[1:] {
				b.Inject(mqtttest.On(mqtttest.CONNECT, func(c *mqtttest.Conn, answer []byte) {
					time.Sleep(time.Until(elected))
					mqtttest.Answer(c, answer)
				}))
			}
			nodes[0].Kill()
		}},
		{"the others hang up for 8 s, until they have a leader", fleetSize / 4, func(_ *testing.T, nodes cluster) {
			elected := time.Now().Add(8 * time.Second)
			for _, b := range nodes[1:] {
				b.Inject(mqtttest.On(mqtttest.CONNECT, func(c *mqtttest.Conn, answer []byte) {
					if time.Now().Before(elected) {
						mqtttest.Close(c, answer)
					} else {
						mqtttest.Answer(c, answer)
					}
				}))
			}
			nodes[0].Kill()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkSpread(t, comeBack(t, func(t *testing.T, nodes cluster) time.Time {
				lost := time.Now()
				c.fault(t, nodes)
				return lost
			}), c.most)
		})
	}
}

// Clients that have lost their first broker in the same moment and prefer it do not
// all go back to it in the same moment.
func TestFleetGoesBackToItsFirstBrokerSpreadOut(t *testing.T) {
	var after []time.Duration
	for range fleetSize / 4 {
		synctest.Test(t, func(t *testing.T) {
			nodes := newCluster(t, 2)
			m := memoryClient(nodes[0])
			nodes.use(m)
			m.PreferAfter = 10 * time.Minute
			nodes[0].Stop()
			s, err := m.Connect(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			nodes[0].Start(t)
			<-s.Leave()
			after = append(after, time.Since(begin))
			s.Disconnect()
		})
	}
	slices.Sort(after)
	first, last := after[0], after[len(after)-1]
	t.Logf("the first leaves after %v, half of them after %v, the last after %v", first, after[len(after)/2], last)
	if first < 10*time.Minute || last > 11*time.Minute || last-first < 45*time.Second {
		t.Errorf("got all of them back from %v to %v, want them spread over 10 to 11 minutes", first, last)
	}
}

// comeBack connects each client of a fleet to the first of three nodes, in fake
// time and with a random source of its own, brings the fault about, and returns
// how long after the moment that fault returns each was connected again, in
// order. The clients do not wait for each other, so that each may have its
// cluster for itself.
func comeBack(t *testing.T, fault func(*testing.T, cluster) time.Time) (after []time.Duration) {
	t.Helper()
	for i := range uint64(fleetSize) {
		synctest.Test(t, func(t *testing.T) {
			nodes := newCluster(t, 3)
			m := memoryClient(nodes[0])
			nodes.use(m)
			m.back.rand = rand.New(rand.NewPCG(1, i)).Float64
			s, err := m.Connect(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute + time.Millisecond)
			from := make(chan time.Time, 1)
			go func() { from <- fault(t, nodes) }()
			<-s.Done()
			s.Drop(errOver)
			if s, err = m.Connect(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			after = append(after, s.start.Sub(<-from))
			s.Disconnect()
		})
	}
	slices.Sort(after)
	return after
}

// checkSpread checks how a fleet has come back, at most so many in one second, and
// logs it.
func checkSpread(t *testing.T, after []time.Duration, most int) {
	t.Helper()
	first, median, last := after[0], after[len(after)/2], after[len(after)-1]
	seconds := make([]int, last/time.Second+1)
	for _, d := range after {
		seconds[d/time.Second]++
	}
	t.Logf("the first is back after %v, half of them after %v, the last after %v; in each second %d", first, median, last, seconds)
	if span := last - first; span < 10*time.Second {
		t.Errorf("got all of them back within %v, want 10 s at least", span)
	}
	if busiest := slices.Max(seconds); busiest > most {
		t.Errorf("got %d of them back within a second, want %d at most", busiest, most)
	}
	if median > 12*time.Second {
		t.Errorf("got half of them back after %v, want 12 s at most", median)
	}
}
