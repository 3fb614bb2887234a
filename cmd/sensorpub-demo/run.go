package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/cmd/sensorpub/web"
	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// settle is how long the subscriber waits at the end for the last message. It
// arrives at once unless the machine is very busy.
const settle = 3 * time.Second

// run shows the demo until ctx ends or its time is up.
func run(ctx context.Context, o options, p *process) error {
	b, err := openBroker(o.listen)
	if err != nil {
		return err
	}
	defer b.Close()
	page, err := listen("", firstPage)
	if err != nil {
		return err
	}
	defer page.Close()
	c, err := configure(b.url(), page.Addr().String())
	if err != nil {
		return err
	}
	show, log := newDisplay(p, b, "http://"+c.HTTP.Listen+"/", published(c))
	b.introduce(o.listen, log)
	s, err := newRig(ctx, c, log)
	if err != nil {
		return err
	}
	s.serve(page, log)
	if o.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.duration)
		defer cancel()
	}
	err = s.play(ctx, o.outage, show)
	if isTerminal(p.stdout, p.getenv) { // the view took the log with it
		fmt.Fprintf(p.stderr, "sensorpub-demo: stopped: %v\n", s.Snapshot().Account)
	}
	return err
}

// A rig is the daemon, the cable to its broker, and a separate subscriber that
// receives everything.
type rig struct {
	*daemon.Daemon
	cable      *cable
	subscriber *mqtt.Subscriber
}

func newRig(ctx context.Context, c *config.Config, log *slog.Logger) (*rig, error) {
	client, err := c.MQTT(ctx, log)
	if err != nil {
		return nil, err
	}
	view, err := c.MQTT(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	view.ClientID += "-view"
	filters := []string{statusTopic}
	for _, r := range c.Routes {
		filters = append(filters, r.Topic)
	}
	cable := new(cable)
	client.DialContext = cable.dial
	d, err := daemon.New(c, client, log)
	if err != nil {
		return nil, err
	}
	d.Version = version
	return &rig{d, cable, &mqtt.Subscriber{Client: view, Filters: filters}}, nil
}

// serve makes the daemon serve its page.
func (s *rig) serve(l net.Listener, log *slog.Logger) {
	page := web.New(s.Daemon, log)
	page.Listen = func(context.Context) (net.Listener, error) { return l, nil }
	s.Beside = append(s.Beside, page.Run, page.Watch)
}

// state returns the state of the daemon.
func (s *rig) state() daemonState {
	now := s.Snapshot()
	return daemonState{now.Broker, now.Account, s.cable.isCut()}
}

// play runs the daemon, the subscriber and the display until ctx ends or one of
// them does, and stops them in the direction of the data.
func (s *rig) play(ctx context.Context, outage time.Duration, show display) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages := make(chan mqtt.Message, 1024) // never closed, because the client library may still send
	done := make(chan struct{})
	subscribed, unsubscribe := context.WithCancel(context.Background())
	defer unsubscribe()
	s.subscriber.Handle = func(m mqtt.Message) {
		select {
		case messages <- m:
		default: // the display is too slow; drop it
		}
		if ctx.Err() != nil && m.Topic == statusTopic && string(m.Payload) == publisher.Offline {
			unsubscribe() // the daemon's last message
		}
	}
	var receiving, showing errgroup.Group
	showing.Go(func() error {
		defer cancel()
		return show(ctx, done, s.state, messages)
	})
	receiving.Go(func() error {
		defer cancel()
		return s.subscriber.Run(subscribed)
	})
	receiving.Go(func() error { return s.cable.run(ctx, outage) })
	s.Run(ctx)
	defer time.AfterFunc(settle, unsubscribe).Stop()
	err := receiving.Wait()
	close(done)
	return errors.Join(err, showing.Wait())
}
