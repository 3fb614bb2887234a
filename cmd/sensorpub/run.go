package main

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"sensorpub/publisher"
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
	watchdog  *watchdog
	trouble   *trouble
}

func newService(c *Config, m *publisher.MQTT, log *slog.Logger) *service {
	reads, delivers := &heart{name: "scheduler"}, &heart{name: "publisher"}
	queue := publisher.NewQueue(c.publisherRoutes(), c.Queue.Capacity, c.Queue.Overflow, c.Queue.Backlog)
	queue.MaxAge = c.Queue.MaxAge
	c.oneWire.Log = log
	buses := sensors.Buses(c.probes, queue, log, bootClock)
	m.Beat = delivers.beat
	status := func() string { return statusLine(m.State(), queue.Account(), buses) }
	return &service{
		log: log, buses: buses, queue: queue,
		scheduler: &sensors.Scheduler{Buses: buses, Beat: reads.beat},
		publisher: &publisher.Publisher{
			Queue: queue, Connector: m,
			Window: c.Broker.Window, AckTimeout: c.Broker.AckTimeout, Grace: c.Queue.Grace,
			Availability: c.Availability.Topic, Log: log, Beat: delivers.beat,
		},
		watchdog: &watchdog{hearts: []*heart{reads, delivers}, log: log, status: status},
		trouble:  &trouble{since: func() time.Time { return troubleSince(m.State(), buses) }, status: status, log: log},
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
	reading.Go(func() error { return s.trouble.Run(ctx) })
	rest, stop := context.WithCancel(context.Background())
	delivering.Go(func() error { return s.publisher.Run(rest) })
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
	stop()
	<-watched
	s.farewell()
}

// farewell logs the account.
func (s *service) farewell() {
	account := s.queue.Account()
	if account.Queued > 0 {
		s.log.Warn("stopped before everything was delivered", "lost", account.Queued, "account", account.String())
		return
	}
	s.log.Info("stopped", "account", account.String())
}
