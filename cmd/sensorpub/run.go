package main

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"sensorpub/publisher"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// busWait is how long a stop waits for reads that are under way. They cannot
// be cancelled, and ending the process does not harm a probe.
const busWait = 500 * time.Millisecond

// runDaemon reads the configured sensors and publishes what they measure until
// ctx ends.
func runDaemon(ctx context.Context, e *env) error {
	if err := e.parse(e.flags(), 0); err != nil {
		return err
	}
	c, err := e.load()
	if err != nil {
		return err
	}
	log := e.logger()
	m, err := e.mqtt(c, log)
	if err != nil {
		return err
	}
	m.Will = c.Availability.Topic
	s := newService(c, m, log)
	if c.Spool.on() {
		if err := s.openSpool(c); err != nil {
			return err
		}
	}
	s.run(ctx)
	return nil
}

// A service is the parts of the daemon, wired.
type service struct {
	log       *slog.Logger
	buses     []*sensors.Bus
	scheduler *sensors.Scheduler
	queue     *publisher.Queue
	publisher *publisher.Publisher
	spool     *spool.Spool // nil: none
	watchdog  *watchdog
}

func newService(c *Config, m *publisher.MQTT, log *slog.Logger) *service {
	reads, delivers := &heart{name: "scheduler"}, &heart{name: "publisher"}
	queue := publisher.NewQueue(c.publisherRoutes(), c.Queue.Capacity, c.Queue.Overflow, c.Queue.Backlog)
	queue.MaxAge, queue.Clock = c.Queue.MaxAge, bootClock
	c.oneWire.Log = log
	buses := sensors.Buses(c.probes, queue, log, bootClock)
	m.Beat = delivers.beat
	return &service{
		log: log, buses: buses, queue: queue,
		scheduler: &sensors.Scheduler{Buses: buses, Beat: reads.beat},
		publisher: &publisher.Publisher{
			Queue: queue, Connector: m,
			Window: c.Broker.Window, AckTimeout: c.Broker.AckTimeout, Grace: c.Queue.Grace,
			Availability: c.Availability.Topic, Log: log, Beat: delivers.beat,
		},
		watchdog: &watchdog{hearts: []*heart{reads, delivers}, log: log, status: func() string {
			return statusLine(m.State(), queue.Account(), buses)
		}},
	}
}

// run starts the workers and, when ctx ends, stops them in the direction in
// which the data goes, so that what was read is delivered.
func (s *service) run(ctx context.Context) {
	var reading, delivering errgroup.Group
	for _, b := range s.buses {
		reading.Go(func() error { return b.Run(ctx) })
	}
	reading.Go(func() error { return s.scheduler.Run(ctx) })
	rest, stop := context.WithCancel(context.Background())
	delivering.Go(func() error { return s.publisher.Run(rest) })
	keeping, rested := context.WithCancel(context.Background())
	defer rested()
	var storing errgroup.Group
	if s.spool != nil {
		storing.Go(func() error { return s.spool.Run(keeping) })
	}
	s.watchdog.ready()
	watched := make(chan struct{})
	go func() {
		s.watchdog.run(rest)
		close(watched)
	}()

	<-ctx.Done()
	s.watchdog.stopping()
	read := make(chan struct{})
	go func() {
		reading.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(busWait):
	}
	s.queue.Close()
	delivering.Wait()
	rested()
	storing.Wait()
	if s.spool != nil {
		if err := s.spool.Close(); err != nil {
			s.log.Error("close the spool", "cause", err)
		}
	}
	stop()
	<-watched
	s.farewell()
}

// farewell logs the account.
func (s *service) farewell() {
	account := s.queue.Account()
	args := []any{"account", account.String()}
	if account.Recovered > 0 {
		args = append([]any{"from_earlier_runs", account.Recovered}, args...)
	}
	switch {
	case account.Queued == 0:
		s.log.Info("stopped", args...)
	case s.spool != nil:
		s.log.Info("stopped, the spool keeps what is queued", args...)
	default:
		s.log.Warn("stopped before everything was delivered", append([]any{"lost", account.Queued}, args...)...)
	}
}
