package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sensorpub/publisher"
	"sensorpub/publisher/mqtt"
	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// busWait is how long a stop waits for reads that are under way. They cannot
// be cancelled, and ending the process does not harm a probe.
const busWait = 500 * time.Millisecond

// runDaemon reads the configured sensors and publishes what they measure until
// ctx ends.
func runDaemon(ctx context.Context, e *env) error {
	// First of all, and to the end of the process, which a SIGHUP would end.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	if err := e.parse(e.flags(), 0); err != nil {
		return err
	}
	log := e.logger()
	load := func() (*Config, *mqtt.Client, error) { return e.loadDaemon(log) }
	c, m, err := load()
	if err != nil {
		return err
	}
	s := newService(c, m, log)
	s.hup, s.load = hup, load
	if c.Spool.on() {
		if err := s.openSpool(c); err != nil {
			return err
		}
	}
	s.run(ctx)
	return nil
}

// loadDaemon reads the configuration and all the files that it names for the
// connection.
func (e *env) loadDaemon(log *slog.Logger) (*Config, *mqtt.Client, error) {
	c, err := e.load()
	if err != nil {
		return nil, nil, err
	}
	m, err := e.mqtt(c, log)
	if err != nil {
		return nil, nil, err
	}
	m.Will = c.Availability.Topic
	return c, m, nil
}

// A service is the parts of the daemon, wired.
type service struct {
	log       *slog.Logger
	reading   errgroup.Group
	scheduler *sensors.Scheduler
	change    chan []*sensors.Bus // to the scheduler
	queue     *publisher.Queue
	publisher *publisher.Publisher
	spool     *spool.Spool // nil: none
	watchdog  *watchdog
	trouble   *trouble

	hup    <-chan os.Signal
	load   func() (*Config, *mqtt.Client, error)
	config *Config // the one in force

	mu    sync.Mutex // guards what the status shows, which a reload replaces
	buses []*sensors.Bus
	mqtt  *mqtt.Client
}

func newService(c *Config, m *mqtt.Client, log *slog.Logger) *service {
	reads, delivers := &heart{name: "scheduler"}, &heart{name: "publisher"}
	queue := publisher.NewQueue(c.publisherRoutes(), c.Queue.Capacity, c.Queue.Overflow, c.Queue.Backlog)
	queue.MaxAge, queue.Clock = c.Queue.MaxAge, bootClock
	c.oneWire.Log = log
	buses := sensors.Buses(c.probes, queue, log, bootClock)
	m.Beat = delivers.beat
	change := make(chan []*sensors.Bus)
	s := &service{
		log: log, buses: buses, queue: queue, config: c, mqtt: m, change: change,
		scheduler: &sensors.Scheduler{Buses: buses, Change: change, Beat: reads.beat},
		publisher: &publisher.Publisher{
			Queue: queue, Connector: connector{m},
			Window: c.Broker.Window, AckTimeout: c.Broker.AckTimeout, Grace: c.Queue.Grace,
			Availability: c.Availability.Topic, Log: log, Beat: delivers.beat,
		},
	}
	s.watchdog = &watchdog{hearts: []*heart{reads, delivers}, log: log, status: s.status}
	s.trouble = &trouble{since: s.since, status: s.status, log: log}
	return s
}

func (s *service) status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return statusLine(s.mqtt.State(), s.queue.Account(), s.buses) + s.spoolTrouble()
}

// since is when the present trouble began, or zero.
func (s *service) since() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return troubleSince(s.mqtt.State(), s.buses, s.spoolTiers())
}

// startReading starts the worker of a bus.
func (s *service) startReading(ctx context.Context, b *sensors.Bus) {
	s.reading.Go(func() error { return b.Run(ctx) })
}

// run starts the workers and, when ctx ends, stops them in the direction in
// which the data goes, so that what was read is delivered. Until then each
// SIGHUP is a reload.
func (s *service) run(ctx context.Context) {
	var delivering errgroup.Group
	for _, b := range s.buses {
		s.startReading(ctx, b)
	}
	s.reading.Go(func() error { return s.scheduler.Run(ctx) })
	s.reading.Go(func() error { return s.trouble.Run(ctx) })
	rest, stop := context.WithCancel(context.Background())
	delivering.Go(func() error { return s.publisher.Run(rest) })
	closeSpool := s.startSpool()
	s.watchdog.start()
	watched := make(chan struct{})
	go func() {
		s.watchdog.run(rest)
		close(watched)
	}()

	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.hup:
			s.reload(ctx)
		}
	}
	s.watchdog.stopping()
	read := make(chan struct{})
	go func() {
		s.reading.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(busWait):
	}
	s.queue.Close()
	delivering.Wait()
	s.watchdog.ended("publisher")
	closeSpool()
	stop()
	<-watched
	s.farewell()
}

// startSpool starts the worker of the spool and returns what ends it.
func (s *service) startSpool() (end func()) {
	if s.spool == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var storing errgroup.Group
	storing.Go(func() error { return s.spool.Run(ctx) })
	return func() {
		cancel()
		storing.Wait()
		s.watchdog.ended("spool")
		if err := s.spool.Close(); err != nil {
			s.log.Error("close the spool", "cause", err)
		}
	}
}

// farewell logs the account.
func (s *service) farewell() {
	account := s.queue.Account()
	args := []any{"account", account.String()}
	if account.Recovered > 0 {
		args = append([]any{"from_earlier_runs", account.Recovered}, args...)
	}
	lost := s.queue.Unkept()
	switch {
	case account.Queued == 0:
		s.log.Info("stopped", args...)
	case lost == 0:
		s.log.Info("stopped, the spool keeps what is queued", args...)
	default:
		s.log.Warn("stopped before everything was delivered", append([]any{"lost", lost}, args...)...)
	}
}
