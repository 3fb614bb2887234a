package daemon

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sensorpub/cmd/sensorpub/fixture"

	"sensorpub/publisher/mqtt"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt/mqtttest"
)

// stuck is a connector that stops making progress on request.
type stuck struct {
	publisher.Connector
	block <-chan struct{}
}

func (s stuck) Connect(ctx context.Context, will *publisher.Message) (publisher.Session, error) {
	<-s.block
	return nil, errors.New("over")
}

// watchedDaemon wires a daemon with a spool and a broker in memory.
func watchedDaemon(t *testing.T, c *config.Config, b *mqtttest.Broker, text io.Writer) *Daemon {
	t.Helper()
	c.Spool.Dir, c.Spool.RuntimeDir = t.TempDir(), t.TempDir()
	s, err := New(c, &mqtt.Client{
		Dialer: mqtt.Dialer{
			ClientID:    "test",
			KeepAlive:   10 * time.Second,
			DialContext: b.Dial,
		},
		URLs: c.Broker.Servers, Log: slog.New(slog.DiscardHandler),
	}, slog.New(slog.NewTextHandler(text, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A stuck worker no longer counts as alive, and is logged once. (Fault 24.)
func TestWatchdogIsNotFedWhileAWorkerIsStuck(t *testing.T) {
	for _, c := range []struct {
		name  string
		stick func(s *Daemon, block <-chan struct{})
		want  string // the worker in the log; "": all are alive
	}{
		{"none is", func(*Daemon, <-chan struct{}) {}, ""},
		{"the scheduler is", func(s *Daemon, block <-chan struct{}) { s.scheduler.Beat = func() { <-block } }, "scheduler"},
		{"the publisher is", func(s *Daemon, block <-chan struct{}) {
			s.publisher.Connector = stuck{s.publisher.Connector, block}
		}, "publisher"},
		{"the spool is", func(s *Daemon, block <-chan struct{}) { s.spool.Beat = func() { <-block } }, "spool"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conf, err := parse(fixture.OneSensor)
				if err != nil {
					t.Fatal(err)
				}
				var text buffer
				s := watchedDaemon(t, conf, (&mqtttest.Broker{Pipe: true}).Start(t), &text)
				block := make(chan struct{})
				c.stick(s, block)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					s.Run(ctx)
					close(ended)
				}()
				time.Sleep(aliveFor - time.Second)
				if !s.watchdog.healthy(time.Now()) {
					t.Errorf("the watchdog is not fed after %v, want it fed for %v", aliveFor-time.Second, aliveFor)
				}
				for range 10 {
					time.Sleep(5 * time.Second)
					if fed := s.watchdog.healthy(time.Now()); fed != (c.want == "") {
						t.Errorf("got the watchdog fed: %v, want %v", fed, !fed)
					}
				}
				said := countLines(text.String(), "worker is stuck")
				if c.want != "" && (said != 1 || !strings.Contains(text.String(), "worker="+c.want)) || c.want == "" && said > 0 {
					t.Errorf("got %q, want one line about %q", text.String(), c.want)
				}
				close(block)
				cancel()
				<-ended
			})
		})
	}
}

// A slow stop succeeds, and a publisher that gets stuck in it is still noticed.
func TestWatchdogIsFedWhileASlowStopGoesOn(t *testing.T) {
	const slow = "broker.window = 1\nqueue.grace = \"60s\"\n" + fixture.OneSensor + "interval = \"100ms\"\n"
	for _, c := range []struct {
		name  string
		stuck bool
	}{
		{"a slow broker", false},
		{"a publisher that is stuck", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conf, err := parse(slow)
				if err != nil {
					t.Fatal(err)
				}
				var text buffer
				b := (&mqtttest.Broker{Pipe: true}).Start(t)
				b.Inject(mqtttest.On(mqtttest.PUBLISH, mqtttest.Delay(2*time.Second)))
				s := watchedDaemon(t, conf, b, &text)
				var stuck atomic.Bool
				block, beat := make(chan struct{}), s.publisher.Beat
				s.publisher.Beat = func() {
					if stuck.Load() {
						<-block
					}
					beat()
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					s.Run(ctx)
					close(ended)
				}()
				time.Sleep(4*time.Second + time.Millisecond)
				cancel()
				stuck.Store(c.stuck)
				fed := true
				for range 10 {
					time.Sleep(5 * time.Second)
					fed = fed && s.watchdog.healthy(time.Now())
				}
				select {
				case <-ended:
					t.Error("the stop has ended within 50 s, so nothing was tested")
				default:
				}
				if said := countLines(text.String(), "worker is stuck"); fed == c.stuck || (said > 0) != c.stuck {
					t.Errorf("got the watchdog fed: %v, want %v; the log has %q", fed, !c.stuck, text.String())
				}
				close(block)
				<-ended
			})
		})
	}
}
