package mqtt

import (
	"context"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/publisher/mqtt/mqtttest"
)

// failover runs a test in fake time with a user of three brokers.
func failover(t *testing.T, name string, f func(t *testing.T, c cluster, u *user)) {
	bubble(t, name, func(t *testing.T, b *mqtttest.Broker, u *user) {
		c := newCluster(t, 3)
		c.use(u.client)
		f(t, c, u)
		u.stop()
	})
}

func TestRoundBeginsWithTheBrokerOfTheLastSession(t *testing.T) {
	want := func(t *testing.T, c cluster, want ...int) {
		t.Helper()
		time.Sleep(lossSpread + time.Second)
		if got := c.connects(); !slices.Equal(got, want) {
			t.Errorf("got %d CONNECTs at the brokers, want %d", got, want)
		}
	}
	failover(t, "it is back at once, and so is the first one", func(t *testing.T, c cluster, u *user) {
		c[0].Stop()
		u.start()
		want(t, c, 0, 1, 0)
		c[0].Start(t)
		c[1].Kill()
		c[1].Start(t)
		want(t, c, 0, 2, 0)
	})
	failover(t, "it is gone, and the next one is taken", func(t *testing.T, c cluster, u *user) {
		u.start()
		want(t, c, 1, 0, 0)
		c[0].Kill()
		want(t, c, 1, 1, 0)
		c[0].Start(t)
		c[1].Kill()
		want(t, c, 1, 1, 1)
		c[1].Start(t)
		c[2].Kill()
		want(t, c, 2, 1, 1)
	})
	failover(t, "it has acknowledged nothing, and the next one is taken", func(t *testing.T, c cluster, u *user) {
		c[0].Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop))
		u.start()
		want(t, c, 1, 0, 0)
		c[0].Kill()
		c[0].Start(t)
		want(t, c, 1, 1, 0)
	})
}

func TestPauseAfterALoss(t *testing.T) {
	for _, c := range []struct {
		name    string
		brokers int
		useless bool  // nothing is acknowledged
		cause   error // by which this side ends the session; nil: the broker ends it
		want    time.Duration
	}{
		{"one broker", 1, false, nil, minPause},
		{"several brokers", 3, false, nil, lossSpread},
		{"several brokers, and no acknowledgement in time", 3, false, ErrAckTimeout, lossSpread},
		{"several brokers, and this side has ended the session", 3, false, net.ErrClosed, minPause},
		{"several brokers, and no acknowledgement at all", 3, true, nil, 2 * minPause},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				brokers := newCluster(t, c.brokers)
				m := memoryClient(brokers[0])
				brokers.use(m)
				m.back.rand = func() float64 { return 1 - 0x1p-53 }
				s, err := m.Connect(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if c.useless {
					brokers[0].Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Drop))
				}
				if err := s.SendWithin(t.Context(), Message{"a", []byte("1"), 1, false}, time.Second); (err != nil) != c.useless {
					t.Fatal(err)
				}
				time.Sleep(stableAfter + time.Second)
				switch {
				case c.cause == nil:
					brokers[0].Kill()
					brokers[0].Start(t)
				case c.cause == net.ErrClosed:
					s.Disconnect()
				default:
					s.Drop(c.cause)
				}
				<-s.Done()
				lost := time.Now()
				s, err = m.Connect(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := s.start.Sub(lost); got > c.want || got < c.want*6/10 {
					t.Errorf("got the next session after %v, want %v at most and not much less", got, c.want)
				}
				s.Disconnect()
			})
		})
	}
}

// What one broker costs that never answers, and that a link on which each takes
// long to answer leads to a session in the end.
func TestPatience(t *testing.T) {
	const dead = -1
	for _, c := range []struct {
		name   string
		delays []time.Duration // of the brokers' answers to a dial
		at     int             // broker of the session
		least  time.Duration
		most   time.Duration
	}{
		{"the first does not answer", []time.Duration{time.Hour, 0}, 1, firstPatience, firstPatience},
		{"the first two do not answer", []time.Duration{time.Hour, time.Hour, 0}, 2, 2 * firstPatience, 2 * firstPatience},
		{"a slow link to the last", []time.Duration{9 * time.Second, 9 * time.Second}, 1, firstPatience + 9*time.Second, firstPatience + 9*time.Second},
		{"a slow link to the only one", []time.Duration{9 * time.Second}, 0, 9 * time.Second, 9 * time.Second},
		{"a slow link to the first, and the last is dead", []time.Duration{7 * time.Second, dead}, 0, firstPatience, firstPatience + roundSpread + 7*time.Second},
		{"a very slow link to the first, and the last is dead", []time.Duration{9500 * time.Millisecond, dead}, 0, 3 * firstPatience, 3*firstPatience + 2*roundSpread + 9500*time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				brokers := newCluster(t, len(c.delays))
				m := memoryClient(brokers[0])
				brokers.use(m)
				m.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					i := address[0] - '0'
					if c.delays[i] == dead {
						brokers[i].Kill()
						return brokers.dial(ctx, network, address)
					}
					select {
					case <-ctx.Done():
						return hole(ctx, network, address)
					case <-time.After(c.delays[i]):
						return brokers.dial(ctx, network, address)
					}
				}
				begin := time.Now()
				s, err := m.Connect(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := s.start.Sub(begin); got < c.least || got > c.most {
					t.Errorf("got a session after %v, want %v to %v", got, c.least, c.most)
				}
				if s.broker != m.URLs[c.at] {
					t.Errorf("got a session with %v, want %v", s.broker, m.URLs[c.at])
				}
				s.Disconnect()
			})
		})
	}
}

// The first broker answers more slowly than an attempt may take in the first
// round, which must not lead back to the second.
func TestPreferredBrokerMayBeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		brokers := newCluster(t, 2)
		m := memoryClient(brokers[0])
		brokers.use(m)
		m.PreferAfter = time.Minute
		m.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address[0] == '0' {
				select {
				case <-ctx.Done():
					return hole(ctx, network, address)
				case <-time.After(7 * time.Second):
				}
			}
			return brokers.dial(ctx, network, address)
		}
		s, err := m.Connect(t.Context(), nil)
		if err != nil || s.broker != m.URLs[1] {
			t.Fatalf("got %v, %v, want a session with the second broker", s, err)
		}
		<-s.Leave()
		s.Disconnect()
		s, err = m.Connect(t.Context(), nil)
		if err != nil || s.broker != m.URLs[0] {
			t.Fatalf("got %v, %v, want a session with the first broker", s, err)
		}
		s.Disconnect()
	})
}

// Who asks often with a wrong password may be locked out.
func TestTheFirstBrokerIsAskedRarelyWhileItRefusesTheCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		brokers := newCluster(t, 2)
		brokers[0].Inject(mqtttest.On(mqtttest.CONNECT, mqtttest.Connack(5)))
		m := memoryClient(brokers[0])
		brokers.use(m)
		m.PreferAfter = 10 * time.Second
		s, err := m.Connect(t.Context(), nil)
		if err != nil || s.broker != m.URLs[1] {
			t.Fatalf("got %v, %v, want a session with the second broker", s, err)
		}
		time.Sleep(10 * refusedPause)
		if n := len(brokers[0].Connects()); n < 5 || n > 11 {
			t.Errorf("got %d attempts in 5 minutes, want one in 30 s", n)
		}
		brokers[0].Inject()
		<-s.Leave()
		s.Disconnect()
	})
}
