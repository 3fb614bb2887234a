package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
)

// settle is how long the subscriber waits at the end for the last message, which
// is there at once unless the machine is very busy.
const settle = 3 * time.Second

// run shows the demo until ctx ends or its time is over.
func run(ctx context.Context, o options, p *process) error {
	b, err := openBroker(o.listen)
	if err != nil {
		return err
	}
	defer b.Close()
	probes, published, err := configure(simulations())
	if err != nil {
		return err
	}
	show, log := newDisplay(p, b, published)
	b.introduce(o.listen, log)
	d := newDaemon(b.url(), probes, published, log)
	if o.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.duration)
		defer cancel()
	}
	err = d.play(ctx, o.outage, subscriber(b.url(), published), show)
	fmt.Fprintf(p.stderr, "sensorpub-demo: stopped: %v\n", d.queue.Account())
	return err
}

// play runs the daemon, the subscriber and the display until ctx ends or one
// of them does, and stops them in the direction in which the data goes.
func (d *daemon) play(ctx context.Context, outage time.Duration, s *mqtt.Subscriber, show display) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages := make(chan mqtt.Message, 1024) // never closed: the client library may hold a sender
	done := make(chan struct{})
	subscribed, unsubscribe := context.WithCancel(context.Background())
	defer unsubscribe()
	s.Handle = func(m mqtt.Message) {
		select {
		case messages <- m:
		default: // the display is too slow and misses it
		}
		if ctx.Err() != nil && m.Topic == statusTopic && string(m.Payload) == publisher.Offline {
			unsubscribe() // it is the daemon's last
		}
	}
	var receiving, showing errgroup.Group
	showing.Go(func() error {
		defer cancel()
		return show(ctx, done, d, messages)
	})
	receiving.Go(func() error {
		defer cancel()
		return s.Run(subscribed)
	})
	d.run(ctx, outage)
	defer time.AfterFunc(settle, unsubscribe).Stop()
	err := receiving.Wait()
	close(done)
	return errors.Join(err, showing.Wait())
}

// run starts the workers of the daemon and, when ctx ends, stops them as
// cmd/sensorpub/run.go does. A simulated read never hangs.
func (d *daemon) run(ctx context.Context, outage time.Duration) {
	var reading, delivering errgroup.Group
	for _, b := range d.buses {
		reading.Go(func() error { return b.Run(ctx) })
	}
	reading.Go(func() error { return d.scheduler.Run(ctx) })
	reading.Go(func() error { return d.cable.run(ctx, outage) })
	delivering.Go(func() error { return d.publisher.Run(context.Background()) })
	reading.Wait()
	d.queue.Close()
	delivering.Wait()
}
